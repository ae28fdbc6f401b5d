/* SPDX-License-Identifier: GPL-2.0 */
/* Says both ends of a socket. */
#ifndef SAY_TUPLE_H
#define SAY_TUPLE_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include "say.h"

/* The tuple of two IPv4 ends, as hex. */
static void say_tuple(const char *name, struct sockaddr_in *from, struct sockaddr_in *to)
{
	unsigned a = ntohl(from->sin_addr.s_addr), b = ntohl(to->sin_addr.s_addr);
	unsigned p = ntohs(from->sin_port), q = ntohs(to->sin_port);

	say(" %s=02%08x%02x%02x%08x%02x%02x", name, a, p & 255, p >> 8, b, q & 255, q >> 8);
}

#endif
