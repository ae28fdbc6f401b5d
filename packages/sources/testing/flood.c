/* SPDX-License-Identifier: GPL-2.0 */
/* Floods the probe: opens and closes a file over and over, and forks now and then. Argument: how often. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments)
{
	long rounds = count > 1 ? atol(arguments[1]) : 1000;

	for (long i = 0; i < rounds; i++) {
		close(open("/dev/null", O_RDONLY));
		if (i % 64 == 0) {
			pid_t child = fork();

			if (child == 0)
				_exit(0);
			waitpid(child, 0, 0);
		}
	}
	return 0;
}
