#include <isa-l/crc.h>
#include <isa-l/erasure_code.h>

// ISA-L's AVX code (Debian has 2.30) returns with bits in the upper halves of the vector registers. Until they are cleared,
// SSE instructions, which is what Swift's compiler makes, are slow on Intel's processors: 330 ns a datagram. So all calls that
// compute with vectors go through here. `vzeroupper` needs AVX, as the code does that leaves the bits.
static inline void gallery_clean_vectors(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx")) __asm__ volatile("vzeroupper");
#endif
}

static inline unsigned int gallery_crc32(unsigned int previous, const unsigned char *bytes, unsigned long count) {
  unsigned int checksum = crc32_gzip_refl(previous, bytes, count);
  gallery_clean_vectors();
  return checksum;
}

// Adds one source to the rows, by tables of one source.
static inline void gallery_add_products(int count, int rows, unsigned char *tables, unsigned char *source,
                                        unsigned char **sums) {
  ec_encode_data_update(count, 1, rows, 0, tables, source, sums);
  gallery_clean_vectors();
}
