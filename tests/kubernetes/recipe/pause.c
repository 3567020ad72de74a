/* The first process of a pod: holds its namespaces open, buries orphans, ends when asked to. */
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>

int main(void) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (;;) {
        int received = 0;
        sigwait(&all, &received);
        if (received == SIGTERM || received == SIGINT)
            return 0;
        while (received == SIGCHLD && waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
}
