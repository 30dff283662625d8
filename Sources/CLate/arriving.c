#include "arriving.h"

#include "function.h"

#ifdef GALLERY_VIEWER

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#define JPEG(result, name, parameters, arguments) LATE(LATE_JPEG_STREAM, result, name, parameters, arguments)

JPEG(struct jpeg_error_mgr *, jpeg_std_error, (struct jpeg_error_mgr * errors), (errors))
JPEG(void, jpeg_CreateDecompress, (j_decompress_ptr image, int version, size_t size), (image, version, size))
JPEG(int, jpeg_read_header, (j_decompress_ptr image, boolean required), (image, required))
JPEG(boolean, jpeg_has_multiple_scans, (j_decompress_ptr image), (image))
JPEG(boolean, jpeg_start_decompress, (j_decompress_ptr image), (image))
JPEG(JDIMENSION, jpeg_read_scanlines, (j_decompress_ptr image, JSAMPARRAY rows, JDIMENSION count), (image, rows, count))
JPEG(int, jpeg_consume_input, (j_decompress_ptr image), (image))
JPEG(boolean, jpeg_start_output, (j_decompress_ptr image, int scan), (image, scan))
JPEG(boolean, jpeg_finish_output, (j_decompress_ptr image), (image))
JPEG(boolean, jpeg_finish_decompress, (j_decompress_ptr image), (image))
JPEG(boolean, jpeg_resync_to_restart, (j_decompress_ptr image, int desired), (image, desired))
JPEG(void, jpeg_destroy_decompress, (j_decompress_ptr image), (image))

enum step { HEADER, START, SCANS, ROWS, FINISH };

struct late_arriving {
  struct jpeg_decompress_struct image;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  jmp_buf escape;
  uint32_t *pixels;
  int width, height, eighths;
  enum step step;
  enum late_arriving_state state;
  size_t consumed; // bytes of the file that are decoded or skipped; more than there are while skipping
  size_t skipped;  // of a skip, what goes beyond the bytes that are there
  int rows;
  int drawn_scan, drawn_rows; // what the caller has seen
};

// As many scans as TurboJPEG takes with TJFLAG_LIMITSCANS: a small file with thousands keeps a core busy for hours.
static const int scan_limit = 500;

static void fail(j_common_ptr image) { longjmp(((late_arriving *)image->client_data)->escape, 1); }
static void count_warning(j_common_ptr image, int level) {
  if (level < 0) image->err->num_warnings++;
}
static void say_nothing(j_common_ptr image) { (void)image; }

// libjpeg's contract: FALSE suspends the decoder until there are more bytes.
static boolean suspend(j_decompress_ptr image) {
  (void)image;
  return FALSE;
}
static void do_nothing(j_decompress_ptr image) { (void)image; }
static void skip(j_decompress_ptr image, long count) {
  if (count <= 0) return;
  struct jpeg_source_mgr *source = image->src;
  size_t here = (size_t)count < source->bytes_in_buffer ? (size_t)count : source->bytes_in_buffer;
  source->next_input_byte += here;
  source->bytes_in_buffer -= here;
  ((late_arriving *)image->client_data)->skipped += (size_t)count - here;
}

late_arriving *late_arriving_begin(uint32_t *pixels, int width, int height, int eighths) {
  late_arriving *stream = calloc(1, sizeof *stream);
  if (!stream) return NULL;
  stream->pixels = pixels;
  stream->width = width;
  stream->height = height;
  stream->eighths = eighths;
  stream->image.err = jpeg_std_error(&stream->errors);
  stream->errors.error_exit = fail;
  stream->errors.emit_message = count_warning;
  stream->errors.output_message = say_nothing;
  stream->image.client_data = stream;
  if (setjmp(stream->escape)) { // of another version
    free(stream);
    return NULL;
  }
  jpeg_create_decompress(&stream->image);
  stream->source.init_source = do_nothing;
  stream->source.fill_input_buffer = suspend;
  stream->source.skip_input_data = skip;
  stream->source.resync_to_restart = jpeg_resync_to_restart;
  stream->source.term_source = do_nothing;
  stream->image.src = &stream->source;
  return stream;
}

// Whether all rows are read.
static int read_rows(late_arriving *stream) {
  while (stream->image.output_scanline < stream->image.output_height) {
    JSAMPROW row = (JSAMPROW)(stream->pixels + (size_t)stream->image.output_scanline * stream->width);
    if (jpeg_read_scanlines(&stream->image, &row, 1) == 0) return 0;
    if (stream->rows < (int)stream->image.output_scanline) stream->rows = stream->image.output_scanline;
  }
  return 1;
}

static enum late_arriving_state advance(late_arriving *stream) {
  j_decompress_ptr image = &stream->image;
  int got;
  switch (stream->step) {
  case HEADER:
    if (jpeg_read_header(image, TRUE) == JPEG_SUSPENDED) return LATE_ARRIVING_WAITS;
    // libjpeg must see the size for which the limits were checked, before it allocates anything.
    if (((int)image->image_width * stream->eighths + 7) / 8 != stream->width ||
        ((int)image->image_height * stream->eighths + 7) / 8 != stream->height)
      return LATE_ARRIVING_BROKEN;
    image->scale_num = stream->eighths;
    image->scale_denom = 8;
    image->out_color_space = JCS_EXT_BGRA;
    image->buffered_image = jpeg_has_multiple_scans(image);
    stream->step = START;
    // fall through
  case START:
    if (!jpeg_start_decompress(image)) return LATE_ARRIVING_WAITS;
    if ((int)image->output_width != stream->width || (int)image->output_height != stream->height) return LATE_ARRIVING_BROKEN;
    stream->step = image->buffered_image ? SCANS : ROWS;
    if (stream->step == ROWS) return advance(stream);
    // fall through
  case SCANS:
    while ((got = jpeg_consume_input(image)) != JPEG_REACHED_EOI) {
      if (got == JPEG_SUSPENDED) return LATE_ARRIVING_WAITS;
      if (image->input_scan_number > scan_limit) return LATE_ARRIVING_BROKEN;
    }
    // Scans that an eighth does not need may have been left out: then their place must not be guessed.
    image->do_block_smoothing = stream->eighths > 1;
    if (!jpeg_start_output(image, image->input_scan_number)) return LATE_ARRIVING_WAITS;
    stream->step = ROWS;
    // fall through
  case ROWS:
    if (!read_rows(stream)) return LATE_ARRIVING_WAITS;
    stream->step = FINISH;
    // fall through
  case FINISH:
    if (image->buffered_image && !jpeg_finish_output(image)) return LATE_ARRIVING_WAITS;
    if (!jpeg_finish_decompress(image)) return LATE_ARRIVING_WAITS;
  }
  return stream->errors.num_warnings > 0 ? LATE_ARRIVING_BROKEN : LATE_ARRIVING_WHOLE;
}

enum late_arriving_state late_arriving_take(late_arriving *stream, const uint8_t *bytes, size_t count) {
  if (stream->state != LATE_ARRIVING_WAITS || stream->consumed > count) return stream->state;
  stream->source.next_input_byte = bytes + stream->consumed;
  stream->source.bytes_in_buffer = count - stream->consumed;
  stream->skipped = 0;
  if (setjmp(stream->escape)) return stream->state = LATE_ARRIVING_BROKEN;
  stream->state = advance(stream);
  stream->consumed = count - stream->source.bytes_in_buffer + stream->skipped;
  if (stream->errors.num_warnings > 0) stream->state = LATE_ARRIVING_BROKEN;
  return stream->state;
}

int late_arriving_rows(late_arriving *stream) {
  if (stream->state == LATE_ARRIVING_BROKEN) return -1;
  if (stream->state != LATE_ARRIVING_WAITS || stream->step != SCANS) {
    if (stream->state != LATE_ARRIVING_WHOLE && stream->rows == stream->drawn_rows) return 0;
    return stream->drawn_rows = stream->rows;
  }
  // Only scans that are complete: for the one that is under way libjpeg would ask for more bytes.
  int scan = stream->image.input_scan_number - 1;
  if (scan <= stream->drawn_scan) return 0;
  stream->drawn_scan = scan;
  if (setjmp(stream->escape)) {
    stream->state = LATE_ARRIVING_BROKEN;
    return -1;
  }
  stream->image.do_block_smoothing = FALSE; // it costs more than all else, and a thumbnail shows nothing of it
  if (jpeg_start_output(&stream->image, scan) && read_rows(stream)) jpeg_finish_output(&stream->image);
  return stream->rows;
}

void late_arriving_end(late_arriving *stream) {
  jpeg_destroy_decompress(&stream->image);
  free(stream);
}

#else // late_missing says so first, so nobody comes here

late_arriving *late_arriving_begin(uint32_t *pixels, int width, int height, int eighths) {
  (void)pixels, (void)width, (void)height, (void)eighths;
  return 0;
}
enum late_arriving_state late_arriving_take(late_arriving *stream, const uint8_t *bytes, size_t count) {
  (void)stream, (void)bytes, (void)count;
  return LATE_ARRIVING_BROKEN;
}
int late_arriving_rows(late_arriving *stream) {
  (void)stream;
  return 0;
}
void late_arriving_end(late_arriving *stream) { (void)stream; }

#endif
