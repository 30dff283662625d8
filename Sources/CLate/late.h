#ifndef GALLERY_LATE_H
#define GALLERY_LATE_H

// Libraries that the program loads at the first use, so that a transfer starts without them and also runs on a host that has
// none of them. The other files of this directory define the functions of each library that the program calls; each looks the
// function of the same name up in the library.
enum late_library {
  LATE_WINDOW, LATE_FONTS, LATE_JPEG, LATE_PNG, LATE_CAPTURES, LATE_KEYS, LATE_IPSEC, LATE_QR, LATE_COLOUR, LATE_JPEG_STREAM
};

// Loads the library. NULL when it is there, or one line: what is missing, and the command that installs it.
const char *late_missing(enum late_library library);

#endif
