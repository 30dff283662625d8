#include "keys.h"

#include "function.h"

#ifdef GALLERY_KEYS

#include <gcrypt.h>
#include <pthread.h>

#define KEYS(result, name, parameters, arguments) LATE(LATE_KEYS, result, name, parameters, arguments)

// The header names these without their library's versions; gcry_error_t is an unsigned int.
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

unsigned int late_scrypt(const void *secret, size_t secret_size, const void *salt, size_t salt_size, int cost,
                         unsigned long parallelization, void *key, size_t size) {
  return gcry_kdf_derive(secret, secret_size, GCRY_KDF_SCRYPT, cost, salt, salt_size, parallelization, size, key);
}

unsigned int late_hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size, void *code) {
  gcry_buffer_t parts[2] = {{.size = key_size, .len = key_size, .data = (void *)key},
                            {.size = size, .len = size, .data = (void *)bytes}};
  return gcry_md_hash_buffers(GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC, code, parts, 2);
}

KEYS(void, gcry_md_hash_buffer, (int algorithm, void *digest, const void *bytes, size_t size), (algorithm, digest, bytes, size))
KEYS(void, gcry_sexp_release, (gcry_sexp_t expression), (expression))
KEYS(gcry_sexp_t, gcry_sexp_find_token, (gcry_sexp_t list, const char *token, size_t size), (list, token, size))
KEYS(const char *, gcry_sexp_nth_data, (gcry_sexp_t list, int number, size_t *size), (list, number, size))
KEYS(gcry_error_t, gcry_pk_sign, (gcry_sexp_t * result, gcry_sexp_t data, gcry_sexp_t key), (result, data, key))
KEYS(gcry_error_t, gcry_pk_verify, (gcry_sexp_t signature, gcry_sexp_t data, gcry_sexp_t key), (signature, data, key))
KEYS(gcry_error_t, gcry_mpi_ec_new, (gcry_ctx_t * context, gcry_sexp_t parameters, const char *curve), (context, parameters, curve))
KEYS(gcry_mpi_t, gcry_mpi_ec_get_mpi, (const char *name, gcry_ctx_t context, int copy), (name, context, copy))
KEYS(void *, gcry_mpi_get_opaque, (gcry_mpi_t number, unsigned int *bits), (number, bits))
KEYS(void, gcry_mpi_release, (gcry_mpi_t number), (number))
KEYS(void, gcry_ctx_release, (gcry_ctx_t context), (context))

void late_sha256(const void *bytes, size_t size, void *digest) { gcry_md_hash_buffer(GCRY_MD_SHA256, digest, bytes, size); }

enum { ed25519_size = 32 };

// The library's own takes any number of arguments: here those of two strings of 32 bytes, of which the format may use one.
static gcry_error_t build(gcry_sexp_t *result, const char *format, const void *one, const void *other) {
  gcry_error_t (*function)(gcry_sexp_t *, size_t *, const char *, ...) = late_function(LATE_KEYS, "gcry_sexp_build");
  return function(result, NULL, format, ed25519_size, one, ed25519_size, other);
}

static gcry_error_t build_data(gcry_sexp_t *result, const void *bytes, size_t size) {
  gcry_error_t (*function)(gcry_sexp_t *, size_t *, const char *, ...) = late_function(LATE_KEYS, "gcry_sexp_build");
  return function(result, NULL, "(data (flags eddsa)(hash-algo sha512)(value %b))", (int)size, bytes);
}

// Copies the 32 bytes behind a token. 0, or an error when there are others.
static gcry_error_t copy(gcry_sexp_t list, const char *token, unsigned char *to) {
  size_t size = 0;
  gcry_sexp_t found = gcry_sexp_find_token(list, token, 0);
  const char *bytes = found ? gcry_sexp_nth_data(found, 1, &size) : NULL;
  int fits = bytes && size == ed25519_size;
  for (int i = 0; fits && i < ed25519_size; i++) to[i] = (unsigned char)bytes[i];
  gcry_sexp_release(found);
  return fits ? 0 : GPG_ERR_BAD_DATA;
}

unsigned int late_ed25519_public(const void *seed, void *public_key) {
  gcry_sexp_t key = NULL;
  gcry_ctx_t context = NULL;
  gcry_error_t error = build(&key, "(private-key (ecc (curve Ed25519)(flags eddsa)(d %b)))", seed, seed);
  if (!error) error = gcry_mpi_ec_new(&context, key, NULL);
  gcry_mpi_t number = error ? NULL : gcry_mpi_ec_get_mpi("q@eddsa", context, 1);
  unsigned int bits = 0;
  const unsigned char *bytes = number ? gcry_mpi_get_opaque(number, &bits) : NULL;
  if (!error && (!bytes || bits != 8 * ed25519_size)) error = GPG_ERR_BAD_DATA;
  for (int i = 0; !error && i < ed25519_size; i++) ((unsigned char *)public_key)[i] = bytes[i];
  gcry_mpi_release(number);
  gcry_ctx_release(context);
  gcry_sexp_release(key);
  return error;
}

unsigned int late_ed25519_sign(const void *seed, const void *public_key, const void *bytes, size_t size, void *signature) {
  gcry_sexp_t key = NULL, data = NULL, result = NULL;
  gcry_error_t error =
      build(&key, "(private-key (ecc (curve Ed25519)(flags eddsa)(q %b)(d %b)))", public_key, seed);
  if (!error) error = build_data(&data, bytes, size);
  if (!error) error = gcry_pk_sign(&result, data, key);
  if (!error) error = copy(result, "r", signature);
  if (!error) error = copy(result, "s", (unsigned char *)signature + ed25519_size);
  gcry_sexp_release(result);
  gcry_sexp_release(data);
  gcry_sexp_release(key);
  return error;
}

unsigned int late_ed25519_verify(const void *public_key, const void *bytes, size_t size, const void *signature) {
  gcry_sexp_t key = NULL, data = NULL, signed_by = NULL;
  gcry_error_t error = build(&key, "(public-key (ecc (curve Ed25519)(flags eddsa)(q %b)))", public_key, public_key);
  if (!error) error = build_data(&data, bytes, size);
  if (!error)
    error = build(&signed_by, "(sig-val (eddsa (r %b)(s %b)))", signature, (const unsigned char *)signature + ed25519_size);
  if (!error) error = gcry_pk_verify(signed_by, data, key);
  gcry_sexp_release(signed_by);
  gcry_sexp_release(data);
  gcry_sexp_release(key);
  return error;
}

#else // late_keys_missing says so first, so nobody comes to the others

const char *late_keys_missing(void) { return late_missing(LATE_KEYS); }
unsigned int late_scrypt(const void *secret, size_t secret_size, const void *salt, size_t salt_size, int cost,
                         unsigned long parallelization, void *key, size_t size) {
  return (void)secret, (void)secret_size, (void)salt, (void)salt_size, (void)cost, (void)parallelization, (void)key, (void)size, 1;
}
void late_sha256(const void *bytes, size_t size, void *digest) { (void)bytes, (void)size, (void)digest; }
unsigned int late_hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size, void *code) {
  return (void)key, (void)key_size, (void)bytes, (void)size, (void)code, 1;
}
unsigned int late_ed25519_public(const void *seed, void *public_key) { return (void)seed, (void)public_key, 1; }
unsigned int late_ed25519_sign(const void *seed, const void *public_key, const void *bytes, size_t size, void *signature) {
  return (void)seed, (void)public_key, (void)bytes, (void)size, (void)signature, 1;
}
unsigned int late_ed25519_verify(const void *public_key, const void *bytes, size_t size, const void *signature) {
  return (void)public_key, (void)bytes, (void)size, (void)signature, 1;
}

#endif
