#include "late.h"

// The function of this name in the library. Ends the program when there is none.
void *late_function(enum late_library library, const char *name);

// Defines a function that calls the library's own. Two threads may look it up at the same time; they find the same.
#define LATE(library, result, name, parameters, arguments)                        \
  result name parameters {                                                        \
    static void *found;                                                           \
    void *function = __atomic_load_n(&found, __ATOMIC_ACQUIRE);                   \
    if (!function) {                                                              \
      function = late_function(library, #name);                                   \
      __atomic_store_n(&found, function, __ATOMIC_RELEASE);                       \
    }                                                                             \
    return ((result(*) parameters)function)arguments;                             \
  }
