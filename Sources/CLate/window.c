#include "function.h"

#ifdef GALLERY_VIEWER

#include <SDL2/SDL.h>
#include <SDL2/SDL_ttf.h>

#define WINDOW(result, name, parameters, arguments) LATE(LATE_WINDOW, result, name, parameters, arguments)
#define FONT(result, name, parameters, arguments) LATE(LATE_FONTS, result, name, parameters, arguments)

// The library, and its windows.
WINDOW(int, SDL_InitSubSystem, (Uint32 flags), (flags))
WINDOW(void, SDL_QuitSubSystem, (Uint32 flags), (flags))
WINDOW(SDL_bool, SDL_SetHint, (const char *name, const char *value), (name, value))
WINDOW(const char *, SDL_GetError, (void), ())
WINDOW(SDL_Window *, SDL_CreateWindow, (const char *title, int x, int y, int width, int height, Uint32 flags),
       (title, x, y, width, height, flags))
WINDOW(void, SDL_DestroyWindow, (SDL_Window *window), (window))
WINDOW(void, SDL_SetWindowTitle, (SDL_Window *window, const char *title), (window, title))
WINDOW(void, SDL_ShowWindow, (SDL_Window *window), (window))
WINDOW(int, SDL_SetWindowFullscreen, (SDL_Window *window, Uint32 flags), (window, flags))
WINDOW(void, SDL_GetWindowSize, (SDL_Window *window, int *width, int *height), (window, width, height))
WINDOW(int, SDL_ShowCursor, (int toggle), (toggle))
WINDOW(void, SDL_StopTextInput, (void), ())
WINDOW(int, SDL_PollEvent, (SDL_Event *event), (event))
WINDOW(int, SDL_WaitEventTimeout, (SDL_Event *event, int milliseconds), (event, milliseconds))

// Drawing.
WINDOW(SDL_Renderer *, SDL_CreateRenderer, (SDL_Window *window, int index, Uint32 flags), (window, index, flags))
WINDOW(SDL_Renderer *, SDL_CreateSoftwareRenderer, (SDL_Surface *surface), (surface))
WINDOW(void, SDL_DestroyRenderer, (SDL_Renderer *renderer), (renderer))
WINDOW(int, SDL_GetRendererOutputSize, (SDL_Renderer *renderer, int *width, int *height), (renderer, width, height))
WINDOW(int, SDL_SetRenderDrawColor, (SDL_Renderer *renderer, Uint8 red, Uint8 green, Uint8 blue, Uint8 alpha),
       (renderer, red, green, blue, alpha))
WINDOW(int, SDL_RenderClear, (SDL_Renderer *renderer), (renderer))
WINDOW(int, SDL_RenderFillRect, (SDL_Renderer *renderer, const SDL_Rect *place), (renderer, place))
WINDOW(int, SDL_RenderCopy, (SDL_Renderer *renderer, SDL_Texture *texture, const SDL_Rect *part, const SDL_Rect *place),
       (renderer, texture, part, place))
WINDOW(int, SDL_RenderFlush, (SDL_Renderer *renderer), (renderer))
WINDOW(void, SDL_RenderPresent, (SDL_Renderer *renderer), (renderer))

// Pictures.
WINDOW(SDL_Texture *, SDL_CreateTexture, (SDL_Renderer *renderer, Uint32 format, int access, int width, int height),
       (renderer, format, access, width, height))
WINDOW(SDL_Texture *, SDL_CreateTextureFromSurface, (SDL_Renderer *renderer, SDL_Surface *surface), (renderer, surface))
WINDOW(void, SDL_DestroyTexture, (SDL_Texture *texture), (texture))
WINDOW(int, SDL_UpdateTexture, (SDL_Texture *texture, const SDL_Rect *place, const void *pixels, int pitch),
       (texture, place, pixels, pitch))
WINDOW(int, SDL_SetTextureBlendMode, (SDL_Texture *texture, SDL_BlendMode mode), (texture, mode))
WINDOW(int, SDL_SetTextureAlphaMod, (SDL_Texture *texture, Uint8 alpha), (texture, alpha))
WINDOW(int, SDL_SetTextureScaleMode, (SDL_Texture *texture, SDL_ScaleMode mode), (texture, mode))
WINDOW(SDL_Surface *, SDL_CreateRGBSurfaceWithFormat, (Uint32 flags, int width, int height, int depth, Uint32 format),
       (flags, width, height, depth, format))
WINDOW(SDL_Surface *, SDL_ConvertSurfaceFormat, (SDL_Surface *surface, Uint32 format, Uint32 flags), (surface, format, flags))
WINDOW(void, SDL_FreeSurface, (SDL_Surface *surface), (surface))
WINDOW(SDL_RWops *, SDL_RWFromFile, (const char *path, const char *mode), (path, mode))
WINDOW(int, SDL_SaveBMP_RW, (SDL_Surface *surface, SDL_RWops *file, int closes), (surface, file, closes))

// Text.
FONT(int, TTF_Init, (void), ())
FONT(void, TTF_Quit, (void), ())
FONT(TTF_Font *, TTF_OpenFont, (const char *path, int size), (path, size))
FONT(void, TTF_CloseFont, (TTF_Font *font), (font))
FONT(int, TTF_SizeUTF8, (TTF_Font *font, const char *text, int *width, int *height), (font, text, width, height))
FONT(SDL_Surface *, TTF_RenderUTF8_Blended, (TTF_Font *font, const char *text, SDL_Color colour), (font, text, colour))

#endif
