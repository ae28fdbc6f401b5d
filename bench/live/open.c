/* SPDX-License-Identifier: GPL-2.0 */
/* Opens a file and prints the wall clock just before, nanoseconds since the epoch. `open PATH` */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **arguments)
{
	struct timespec before;
	int file;

	if (count < 2)
		return 2;
	clock_gettime(CLOCK_REALTIME, &before);
	file = open(arguments[1], O_RDONLY);
	if (file < 0)
		return 1;
	close(file);
	printf("%lld%09ld\n", (long long)before.tv_sec, before.tv_nsec);
	return 0;
}
