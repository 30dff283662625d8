// What glibc hides from Swift's Glibc module behind _GNU_SOURCE. Declarations and values as in <stdio.h>, man 2 rename.
extern int renameat2(int old_directory, const char *old_path, int new_directory, const char *new_path,
                     unsigned int flags);
static const unsigned int GALLERY_RENAME_NOREPLACE = 1;
// <sys/stat.h>: leave this time stamp as it is.
static const long GALLERY_UTIME_OMIT = (1L << 30) - 2L;
