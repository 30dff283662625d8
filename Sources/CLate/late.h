#ifndef GALLERY_LATE_H
#define GALLERY_LATE_H

#include <stddef.h>

// Libraries that the program loads at the first use, so that a transfer starts without them and also runs on a host that has
// none of them. The other files of this directory define the functions of each library that the program calls; each looks the
// function of the same name up in the library.
enum late_library { LATE_WINDOW, LATE_FONTS, LATE_JPEG, LATE_PNG, LATE_CAPTURES, LATE_KEYS, LATE_QR, LATE_COLOUR };

// Loads the library. NULL when it is there, or one line: what is missing, and the command that installs it.
const char *late_missing(enum late_library library);

// Loads libgcrypt, and prepares it for use by several threads. NULL when it is ready, or one line as above.
const char *late_keys_missing(void);

// Ed25519 (RFC 8032) by libgcrypt, which must be loaded. Each returns 0, or an error of libgcrypt. A seed and a public key have
// 32 bytes, a signature has 64. libgcrypt 1.10 ends the process at some public keys that nobody has made from a seed: no
// function here may be given a key that comes from the network.
unsigned int late_ed25519_public(const void *seed, void *public_key);
unsigned int late_ed25519_sign(const void *seed, const void *public_key, const void *bytes, size_t size, void *signature);
unsigned int late_ed25519_verify(const void *public_key, const void *bytes, size_t size, const void *signature);

#endif
