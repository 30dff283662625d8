// What glibc hides from Swift's Glibc module behind _GNU_SOURCE. Declarations and values as in <stdio.h>, man 2 rename.
extern int renameat2(int old_directory, const char *old_path, int new_directory, const char *new_path,
                     unsigned int flags);
static const unsigned int GALLERY_RENAME_NOREPLACE = 1;
// <unistd.h>: brings a whole file system to its disk.
extern int gallery_syncfs(int descriptor) __asm__("syncfs");
// <sys/stat.h>: leave this time stamp as it is.
static const long GALLERY_UTIME_OMIT = (1L << 30) - 2L;

// <unistd.h>: a pipe whose ends close on exec.
extern int gallery_pipe2(int *ends, int flags) __asm__("pipe2");

// <sys/socket.h>: several datagrams by one call, recvmmsg(2); struct mmsghdr as on 64-bit Linux. Under names of ours and
// without the header, whose types would then belong to this module.
struct gallery_message {
  void *name;
  unsigned int name_length;
  void *parts;
  unsigned long part_count;
  void *control;
  unsigned long control_length;
  int flags;
};
struct gallery_received_message {
  struct gallery_message header;
  unsigned int byte_count;
};
extern int gallery_recvmmsg(int descriptor, struct gallery_received_message *messages, unsigned int count, int flags,
                            void *timeout) __asm__("recvmmsg");
// <poll.h>: poll(2) with a timespec.
extern int gallery_ppoll(void *descriptors, unsigned long count, const void *timeout, const void *signals)
    __asm__("ppoll");
// <sys/prctl.h>, PR_SET_TIMERSLACK: by how many nanoseconds the kernel may wake this thread late; 50,000 unless told. Swift
// imports no function of variable arguments.
extern int prctl(int option, ...);
static inline int gallery_set_timer_slack(unsigned long nanoseconds) { return prctl(29, nanoseconds, 0, 0, 0); }
// <stdio.h>: a number with this many decimals, as printf's %.*f; the length. Under the same rule.
extern int snprintf(char *text, unsigned long size, const char *format, ...);
static inline int gallery_fixed(char *text, unsigned long size, int digits, double value) {
  return snprintf(text, size, "%.*f", digits, value);
}
