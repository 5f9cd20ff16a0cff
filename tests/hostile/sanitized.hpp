// Does a sanitizer that changes what memory means watch this build? SLIPWAY_SANITIZED is 1 or 0.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLIPWAY_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLIPWAY_SANITIZED 1
#endif
#endif
#ifndef SLIPWAY_SANITIZED
#define SLIPWAY_SANITIZED 0
#endif
