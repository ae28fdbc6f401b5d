/* Tells the time, opens /etc/shadow, and waits for what comes of it; with an argument, it does not wait. */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct timespec now;

	(void)argv;
	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("%lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
	fflush(stdout);
	if (open("/etc/shadow", O_RDONLY) < 0)
		return 1;
	if (argc < 2)
		sleep(30);
	return 0;
}
