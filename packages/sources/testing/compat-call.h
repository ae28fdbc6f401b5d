/* SPDX-License-Identifier: GPL-2.0 */
/* For programs that make calls through the 32-bit entry, from a 64-bit program whose data lie below 4 GiB. */
#ifndef COMPAT_CALL_H
#define COMPAT_CALL_H

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

static long compat_call(uint32_t number, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e)
{
	int result;

	asm volatile("int $0x80"
		     : "=a"(result)
		     : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
		     : "memory", "r8", "r9", "r10", "r11");
	return result;
}

/* With the sixth argument, which travels in the frame pointer. */
static long compat_call6(uint32_t number, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, uint32_t f)
{
	int result;
	uint32_t arguments[7] = {number, a, b, c, d, e, f};

	asm volatile("push %%rbp\n\t"
		     "mov 24(%1), %%ebp\n\t"
		     "mov 4(%1), %%ebx\n\t"
		     "mov 8(%1), %%ecx\n\t"
		     "mov 12(%1), %%edx\n\t"
		     "mov 20(%1), %%edi\n\t"
		     "mov (%1), %%eax\n\t"
		     "mov 16(%1), %%esi\n\t"
		     "int $0x80\n\t"
		     "pop %%rbp"
		     : "=a"(result)
		     : "S"(arguments)
		     : "memory", "rbx", "rcx", "rdx", "rdi", "r8", "r9", "r10", "r11");
	return result;
}

static char *low;

static void map_low_memory(void)
{
	low = mmap(0, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
}

/* A copy that 32 bits can point to. */
static uint32_t put(const void *data, size_t size)
{
	char *to = low;

	memcpy(to, data, size);
	low += (size + 7) & ~7;
	return (uint32_t)(uintptr_t)to;
}

static uint32_t text(const char *value)
{
	return put(value, strlen(value) + 1);
}

static long socket_call(uint32_t which, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e)
{
	uint32_t packed[6] = {a, b, c, d, e};

	return compat_call(102, which, put(packed, sizeof packed), 0, 0, 0);
}

#endif
