// Segments: lookup, change by splitting and merging.
#include "memory/Segments.h"

#include <algorithm>

namespace awg::rt {

static Span overlap(Span left, Span right) {
  return {std::max(left.begin, right.begin), std::min(left.end, right.end)};
}

void Segments::reset(int64_t bytes, Places places) {
  segments.clear();
  segments.add({{0, bytes}, places});
}

Places Segments::common(Span span) const {
  Places places = ~Places(0);
  for (const Segment &segment : segments)
    if (!overlap(segment.span, span).isEmpty())
      places &= segment.places;
  return places;
}

Places Segments::any(Span span) const {
  Places places = 0;
  for (const Segment &segment : segments)
    if (!overlap(segment.span, span).isEmpty())
      places |= segment.places;
  return places;
}

Segment Segments::firstWithout(Span span, Places places) const {
  for (const Segment &segment : segments) {
    Span part = overlap(segment.span, span);
    if (!part.isEmpty() && (segment.places & places) != places)
      return {part, segment.places};
  }
  return {{0, 0}, 0};
}

void Segments::splitAt(int64_t position) {
  for (int64_t i = 0; i < segments.size(); ++i) {
    Segment &segment = segments[i];
    if (segment.span.begin < position && position < segment.span.end) {
      Segment right = {{position, segment.span.end}, segment.places};
      segment.span.end = position;
      segments.insert(i + 1, right);
      return;
    }
  }
}

void Segments::merge() {
  for (int64_t i = segments.size() - 1; i > 0; --i)
    if (segments[i].places == segments[i - 1].places) {
      segments[i - 1].span.end = segments[i].span.end;
      segments.remove(i);
    }
}

void Segments::change(Span span, Places keep, Places add) {
  if (span.isEmpty())
    return;
  splitAt(span.begin);
  splitAt(span.end);
  for (Segment &segment : segments)
    if (!overlap(segment.span, span).isEmpty())
      segment.places = (segment.places & keep) | add;
  merge();
}

} // namespace awg::rt
