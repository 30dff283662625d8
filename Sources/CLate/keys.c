#include "function.h"

#include <gcrypt.h>
#include <pthread.h>

#define KEYS(result, name, parameters, arguments) LATE(LATE_KEYS, result, name, parameters, arguments)

// The header names these without their library's versions; gcry_error_t is an unsigned int.
KEYS(gcry_error_t, gcry_cipher_open, (gcry_cipher_hd_t *handle, int algorithm, int mode, unsigned int flags),
     (handle, algorithm, mode, flags))
KEYS(void, gcry_cipher_close, (gcry_cipher_hd_t handle), (handle))
KEYS(gcry_error_t, gcry_cipher_setkey, (gcry_cipher_hd_t handle, const void *key, size_t size), (handle, key, size))
KEYS(gcry_error_t, gcry_cipher_setiv, (gcry_cipher_hd_t handle, const void *nonce, size_t size), (handle, nonce, size))
KEYS(gcry_error_t, gcry_cipher_authenticate, (gcry_cipher_hd_t handle, const void *bytes, size_t size), (handle, bytes, size))
KEYS(gcry_error_t, gcry_cipher_encrypt, (gcry_cipher_hd_t handle, void *out, size_t room, const void *in, size_t size),
     (handle, out, room, in, size))
KEYS(gcry_error_t, gcry_cipher_decrypt, (gcry_cipher_hd_t handle, void *out, size_t room, const void *in, size_t size),
     (handle, out, room, in, size))
KEYS(gcry_error_t, gcry_cipher_gettag, (gcry_cipher_hd_t handle, void *tag, size_t size), (handle, tag, size))
KEYS(gcry_error_t, gcry_cipher_checktag, (gcry_cipher_hd_t handle, const void *tag, size_t size), (handle, tag, size))
KEYS(gcry_error_t, gcry_kdf_derive,
     (const void *secret, size_t secret_size, int algorithm, int cost, const void *salt, size_t salt_size,
      unsigned long iterations, size_t size, void *key),
     (secret, secret_size, algorithm, cost, salt, salt_size, iterations, size, key))
KEYS(gcry_error_t, gcry_md_hash_buffers,
     (int algorithm, unsigned int flags, void *digest, const gcry_buffer_t *parts, int count),
     (algorithm, flags, digest, parts, count))

// Once, before any other function of the library. Its control function takes any number of arguments, so it cannot be defined
// as those above.
static void start(void) {
  const char *(*check)(const char *) = late_function(LATE_KEYS, "gcry_check_version");
  gcry_error_t (*control)(enum gcry_ctl_cmds, ...) = late_function(LATE_KEYS, "gcry_control");
  check(NULL);
  control(GCRYCTL_DISABLE_SECMEM, 0);
  control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

const char *late_keys_missing(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  const char *missing = late_missing(LATE_KEYS);
  if (!missing) pthread_once(&once, start);
  return missing;
}
