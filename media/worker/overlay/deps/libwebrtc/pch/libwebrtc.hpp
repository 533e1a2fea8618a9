// The same as worker.hpp for the sources of deps/libwebrtc.
#ifndef PARLEY_LIBWEBRTC_PCH
#define PARLEY_LIBWEBRTC_PCH

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <absl/memory/memory.h>
#include <absl/strings/match.h>
#include <absl/strings/string_view.h>
#include <absl/types/optional.h>

#endif
