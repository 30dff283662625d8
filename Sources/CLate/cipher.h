#ifndef GALLERY_CIPHER_H
#define GALLERY_CIPHER_H

#include <stddef.h>

// AES-256-GCM (NIST SP 800-38D) with a key of 32 bytes, nonces of 12 and tags of 16. A function that returns a number returns 0,
// or an error of libgcrypt, which must be loaded.

// The libraries that can do it: libgcrypt, and Intel's Multi-Buffer Crypto for IPSec.
enum late_cipher_library { LATE_CIPHER_GCRYPT, LATE_CIPHER_IPSEC };

// The faster one of this host. The second is only asked for where the processor computes with AES and with polynomials on 64
// bytes at once (VAES, VPCLMULQDQ, AVX-512): then it takes half as long, and elsewhere it gains nothing.
enum late_cipher_library late_cipher_faster(void);

// A cipher belongs to one thread.
typedef struct late_cipher late_cipher;

// An error also when this host does not have the library.
unsigned int late_cipher_new(late_cipher **cipher, const void *key, enum late_cipher_library library);
void late_cipher_free(late_cipher *cipher);

// Encrypts `text` in place and writes the tag, or checks the tag and decrypts. `header` is authenticated with the text.
unsigned int late_cipher_seal(late_cipher *cipher, void *text, size_t size, const void *header, size_t header_size,
                              const void *nonce, void *tag);
unsigned int late_cipher_open(late_cipher *cipher, void *text, size_t size, const void *header, size_t header_size,
                              const void *nonce, const void *tag);

#endif
