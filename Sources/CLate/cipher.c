#define _DEFAULT_SOURCE // explicit_bzero
#include "cipher.h"

#include "function.h"

#ifdef GALLERY_KEYS

#include <gcrypt.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// The second library is of amd64 alone, and a build without its header does without it.
#if defined(__x86_64__) && __has_include(<intel-ipsec-mb.h>)
#define WITH_IPSEC
#include <intel-ipsec-mb.h>
#endif

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

enum { tag_size = 16 };

struct late_cipher {
  gcry_cipher_hd_t handle; // NULL: the cipher is of the other library
#ifdef WITH_IPSEC
  _Alignas(64) struct gcm_key_data key; // the size of its vectors
#endif
};

#ifdef WITH_IPSEC

#define IPSEC(result, name, parameters, arguments) LATE(LATE_IPSEC, result, name, parameters, arguments)

IPSEC(IMB_MGR *, alloc_mb_mgr, (uint64_t flags), (flags))
IPSEC(void, init_mb_mgr_auto, (IMB_MGR * state, IMB_ARCH *kind), (state, kind))
IPSEC(unsigned int, imb_get_version, (void), ())

static IMB_MGR *manager; // NULL: the library cannot be used

// The ciphers are called through a structure of the header, so another version than the header's is left alone.
static void start(void) {
  if (late_missing(LATE_IPSEC) || imb_get_version() != IMB_VERSION_NUM) return;
  manager = alloc_mb_mgr(0);
  if (manager) init_mb_mgr_auto(manager, NULL);
}

static IMB_MGR *ipsec(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, start);
  return manager;
}

enum late_cipher_library late_cipher_faster(void) {
  IMB_MGR *found = ipsec();
  int wide = found && (found->features & IMB_CPUFLAGS_AVX512_T2) == IMB_CPUFLAGS_AVX512_T2;
  return wide ? LATE_CIPHER_IPSEC : LATE_CIPHER_GCRYPT;
}

static gcry_error_t new_ipsec(late_cipher *cipher, const void *key) {
  if (!ipsec()) return GPG_ERR_NOT_SUPPORTED;
  IMB_AES256_GCM_PRE(manager, key, &cipher->key);
  return 0;
}

static void seal_ipsec(late_cipher *cipher, void *text, size_t size, const void *header, size_t header_size, const void *nonce,
                       void *tag) {
  struct gcm_context_data context;
  IMB_AES256_GCM_ENC(manager, &cipher->key, &context, text, text, size, nonce, header, header_size, tag, tag_size);
}

static gcry_error_t open_ipsec(late_cipher *cipher, void *text, size_t size, const void *header, size_t header_size,
                               const void *nonce, const void *tag) {
  struct gcm_context_data context;
  unsigned char right[tag_size], difference = 0;
  IMB_AES256_GCM_DEC(manager, &cipher->key, &context, text, text, size, nonce, header, header_size, right, tag_size);
  // All bytes, whichever differ: the time must not tell how much of a forged tag is right.
  for (int i = 0; i < tag_size; i++) difference |= right[i] ^ ((const unsigned char *)tag)[i];
  return difference ? GPG_ERR_CHECKSUM : 0;
}

#else

enum late_cipher_library late_cipher_faster(void) { return LATE_CIPHER_GCRYPT; }
static gcry_error_t new_ipsec(late_cipher *cipher, const void *key) { return (void)cipher, (void)key, GPG_ERR_NOT_SUPPORTED; }
static void seal_ipsec(late_cipher *cipher, void *text, size_t size, const void *header, size_t header_size, const void *nonce,
                       void *tag) {
  (void)cipher, (void)text, (void)size, (void)header, (void)header_size, (void)nonce, (void)tag;
}
static gcry_error_t open_ipsec(late_cipher *cipher, void *text, size_t size, const void *header, size_t header_size,
                               const void *nonce, const void *tag) {
  return (void)cipher, (void)text, (void)size, (void)header, (void)header_size, (void)nonce, (void)tag, GPG_ERR_NOT_SUPPORTED;
}

#endif

static gcry_error_t new_gcrypt(late_cipher *cipher, const void *key) {
  gcry_error_t error = gcry_cipher_open(&cipher->handle, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_GCM, 0);
  return error ? error : gcry_cipher_setkey(cipher->handle, key, 32);
}

unsigned int late_cipher_new(late_cipher **cipher, const void *key, enum late_cipher_library library) {
  late_cipher *made = aligned_alloc(_Alignof(late_cipher), sizeof *made);
  if (!made) return GPG_ERR_ENOMEM;
  made->handle = NULL;
  gcry_error_t error = library == LATE_CIPHER_IPSEC ? new_ipsec(made, key) : new_gcrypt(made, key);
  if (error) late_cipher_free(made);
  if (!error) *cipher = made;
  return error;
}

void late_cipher_free(late_cipher *cipher) {
  if (cipher->handle) gcry_cipher_close(cipher->handle);
  explicit_bzero(cipher, sizeof *cipher);
  free(cipher);
}

static gcry_error_t begin(gcry_cipher_hd_t handle, const void *header, size_t header_size, const void *nonce) {
  gcry_error_t error = gcry_cipher_setiv(handle, nonce, 12);
  return error ? error : gcry_cipher_authenticate(handle, header, header_size);
}

unsigned int late_cipher_seal(late_cipher *cipher, void *text, size_t size, const void *header, size_t header_size,
                              const void *nonce, void *tag) {
  if (!cipher->handle) return seal_ipsec(cipher, text, size, header, header_size, nonce, tag), 0;
  gcry_error_t error = begin(cipher->handle, header, header_size, nonce);
  if (!error) error = gcry_cipher_encrypt(cipher->handle, text, size, NULL, 0);
  return error ? error : gcry_cipher_gettag(cipher->handle, tag, tag_size);
}

unsigned int late_cipher_open(late_cipher *cipher, void *text, size_t size, const void *header, size_t header_size,
                              const void *nonce, const void *tag) {
  if (!cipher->handle) return open_ipsec(cipher, text, size, header, header_size, nonce, tag);
  gcry_error_t error = begin(cipher->handle, header, header_size, nonce);
  if (!error) error = gcry_cipher_decrypt(cipher->handle, text, size, NULL, 0);
  return error ? error : gcry_cipher_checktag(cipher->handle, tag, tag_size);
}

#else // late_keys_missing says so first, so nobody comes to the others

enum late_cipher_library late_cipher_faster(void) { return LATE_CIPHER_GCRYPT; }
unsigned int late_cipher_new(late_cipher **cipher, const void *key, enum late_cipher_library library) {
  return (void)cipher, (void)key, (void)library, 1;
}
void late_cipher_free(late_cipher *cipher) { (void)cipher; }
unsigned int late_cipher_seal(late_cipher *cipher, void *text, size_t size, const void *header, size_t header_size,
                              const void *nonce, void *tag) {
  return (void)cipher, (void)text, (void)size, (void)header, (void)header_size, (void)nonce, (void)tag, 1;
}
unsigned int late_cipher_open(late_cipher *cipher, void *text, size_t size, const void *header, size_t header_size,
                              const void *nonce, const void *tag) {
  return (void)cipher, (void)text, (void)size, (void)header, (void)header_size, (void)nonce, (void)tag, 1;
}

#endif
