#ifndef GALLERY_KEYS_H
#define GALLERY_KEYS_H

#include <stddef.h>

// Cryptography by libgcrypt. A function that returns a number returns 0, or an error of libgcrypt.

// Loads libgcrypt, and prepares it for use by several threads. NULL when it is ready, or one line as above.
const char *late_keys_missing(void);

// scrypt (RFC 7914) with r = 8.
unsigned int late_scrypt(const void *secret, size_t secret_size, const void *salt, size_t salt_size, int cost,
                         unsigned long parallelization, void *key, size_t size);

// SHA-256 (FIPS 180-4), and HMAC with it (RFC 2104): 32 bytes.
void late_sha256(const void *bytes, size_t size, void *digest);
unsigned int late_hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size, void *code);

// Ed25519 (RFC 8032) by libgcrypt, which must be loaded. Each returns 0, or an error of libgcrypt. A seed and a public key have
// 32 bytes, a signature has 64. libgcrypt 1.10 ends the process at some public keys that nobody has made from a seed: no
// function here may be given a key that comes from the network.
unsigned int late_ed25519_public(const void *seed, void *public_key);
unsigned int late_ed25519_sign(const void *seed, const void *public_key, const void *bytes, size_t size, void *signature);
unsigned int late_ed25519_verify(const void *public_key, const void *bytes, size_t size, const void *signature);

#endif
