/* Runs a command and tells what it used: for Tools/bench.
 *
 *   usage FILE COMMAND…   writes "WALL-SECONDS USER-SECONDS SYSTEM-SECONDS PEAK-RESIDENT-KIB" to FILE when the command ends
 *
 * wait4 counts the command and the children it waited for; the peak is VmHWM. Work that the kernel does for it elsewhere
 * (a softirq on the other core) is not in it. A signal to end is for the command: this program stays to count. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t command;

static void pass_on(int signal) {
  if (command > 0) kill(command, signal);
}

static double seconds_of(struct timeval time) { return time.tv_sec + time.tv_usec / 1e6; }

static double seconds_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **words) {
  if (count < 3) {
    fprintf(stderr, "usage: usage FILE COMMAND…\n");
    return 2;
  }
  /* Installed before the fork, so that no signal to end meets this program without it; exec resets them for the command. */
  struct sigaction action = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  double began = seconds_now();
  command = fork();
  if (command == 0) {
    execvp(words[2], words + 2);
    perror(words[2]);
    _exit(127);
  }
  if (command < 0) {
    perror("usage: fork");
    return 1;
  }
  int status = 0;
  struct rusage used;
  memset(&used, 0, sizeof used);
  if (wait4(command, &status, 0, &used) < 0) {
    perror("usage: wait4");
    return 1;
  }
  FILE *file = fopen(words[1], "w");
  if (!file) {
    perror(words[1]);
    return 1;
  }
  fprintf(file, "%.6f %.6f %.6f %ld\n", seconds_now() - began, seconds_of(used.ru_utime), seconds_of(used.ru_stime),
          used.ru_maxrss);
  fclose(file);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
