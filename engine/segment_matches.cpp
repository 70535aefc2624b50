#include "engine/segment_matches.h"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/conjunct.h"
#include "engine/dead_count.h"
#include "engine/filter.h"
#include "engine/first_use.h"
#include "engine/stopwatch.h"

namespace clientele {
namespace {

// Adds what is known of the filters in one segment to what was known of them in others.
void DescribeFilters(const Query& query, const Conjuncts& conjuncts, std::vector<ExplainFilter>& filters) {
  for (const Conjunct& conjunct : conjuncts) {
    ExplainFilter filter{DebugString(query.all_of[conjunct.predicate]), std::string(conjunct.name), conjunct.cardinality,
                         conjunct.exact};
    const auto known = std::ranges::find(filters, filter.text, &ExplainFilter::text);
    if (known == filters.end()) {
      filters.push_back(std::move(filter));
      continue;
    }
    known->cardinality += filter.cardinality;
    known->exact &= filter.exact;
  }
}

// A single condition whose number of rows is stored needs no evaluation when only the count is asked for.
bool CountIsStored(const Conjuncts& conjuncts) {
  return conjuncts.size() == 1 && conjuncts[0].exact;
}

Parallelism AllowedParallelism(std::uint32_t threads) {
  if (threads == 0) return Parallelism::kWhenBig;
  return threads == 1 ? Parallelism::kNever : Parallelism::kAlways;
}

// Whether the signatures of a small segment's texts rule a searched text out, which they do in a tenth of the time that planning
// a search takes. An empty text is in every value.
bool LacksSearchedText(const Segment& segment, const Query& query) {
  return std::ranges::any_of(query.all_of, [&](const Predicate& predicate) {
    if (Filters()[predicate.filter].def->op != FilterOp::kContains) return false;
    const std::string& needle = std::get<TextOperand>(predicate.operand).text;
    return !needle.empty() && !segment.TextsOf(predicate.filter).texts->MayContain(needle);
  });
}

}  // namespace

SegmentFilter::SegmentFilter(const Query& query, std::span<const SegmentView> views, bool count_only,
                             const ExecuteOptions& options, Explain& explain)
    : query_(query),
      views_(views),
      count_only_(count_only),
      options_(options),
      explain_(explain),
      small_(views.empty() ? 0 : views.size() - 1) {
  bool has_small = false;
  for (std::size_t i = 0; i < small_.size(); ++i) has_small |= small_[i].is_taken = TakesSmallFilter(views[i + 1]);
  if (!has_small) return;
  if (SmallSegmentConditions::Fits(query))
    FilterSmallSegments();
  else
    for (Small& small : small_) small.is_taken = false;
}

// Step by step: what one segment waits for in a step is fetched during that step of the others. All of it lies near then, and
// does not when a large segment comes in between.
void SegmentFilter::FilterSmallSegments() {
  const bool names_ids = std::ranges::any_of(query_.all_of, NamesIds);
  if (names_ids && views_[0].segment->is_checked()) named_ids_ = LookUpNamedIds(views_[0], query_);
  const SmallSegmentConditions conditions(query_, named_ids_);
  absl::FixedArray<SmallSegmentTerms, 4> terms(small_.size());
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const Segment& segment = *views_[i + 1].segment;
    small_[i].is_known = small_[i].is_taken && segment.is_checked();
    if (small_[i].is_known) terms[i].Resolve(conditions, segment);
  }
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (small_[i].is_known) small_[i].matches = FilterSmallSegment(conditions, terms[i], views_[i + 1], count_only_);
  }
}

// Small segments beside a large one are filtered in their own way; the first segment never is, so that the plans of sets that are
// not written to do not depend on their size. Tests that ask for several threads ask for the other way.
bool SegmentFilter::TakesSmallFilter(const SegmentView& view) const {
  return view.first_row > 0 && view.segment->row_count() <= kSmallSegmentRows && options_.threads <= 1;
}

absl::StatusOr<SegmentMatches> SegmentFilter::Filter(std::size_t number) {
  const SegmentView& view = views_[number];
  const Segment& segment = *view.segment;
  const bool is_small = number > 0 && small_[number - 1].is_taken;
  if (!segment.is_checked()) {
    if (absl::Status status = RequireForQuery(segment, query_); !status.ok()) return status;
    if (is_small) {
      const SmallSegmentConditions conditions(query_);
      SmallSegmentTerms terms;
      terms.Resolve(conditions, segment);
      small_[number - 1].matches = FilterSmallSegment(conditions, terms, view, count_only_);
    }
  }
  if (is_small && options_.explain == nullptr) {
    SmallSegmentMatches& found = small_[number - 1].matches;
    return SegmentMatches{found.count, std::move(found.matches)};
  }
  const bool is_ruled_out = view.first_row > 0 && LacksSearchedText(segment, query_);
  if (is_ruled_out && options_.explain == nullptr) return SegmentMatches{};
  const Stopwatch plan_watch(options_.explain != nullptr);
  const auto named_ids = number == 0 ? std::span<const NamedIds>(named_ids_) : std::span<const NamedIds>();
  Conjuncts conjuncts = ResolveConjuncts(segment, query_, options_.explain == nullptr, named_ids);
  if (options_.explain != nullptr) DescribeFilters(query_, conjuncts, explain_.filters);
  explain_.plan_us += plan_watch.Microseconds();

  const Stopwatch filter_watch(options_.explain != nullptr);
  SegmentMatches found;
  const Tombstones* const dead = view.dead();
  FilterPlan plan = FilterPlan::kAll;
  if (is_small) {
    SmallSegmentMatches& small = small_[number - 1].matches;
    found = {small.count, std::move(small.matches)};
    explain_.rows_touched += small.rows_touched;
    ++explain_.small_segments;
  } else if (is_ruled_out) {
    ++explain_.ruled_out_segments;
  } else if (count_only_ && CountIsStored(conjuncts)) {
    plan = FilterPlan::kStored;
    const Conjunct& conjunct = conjuncts[0];
    found.count = conjunct.cardinality;
    if (dead != nullptr) found.count -= CountDead(conjunct, Filters()[query_.all_of[conjunct.predicate].filter].field, *dead);
  } else {
    FilterCost cost;
    auto matches =
        EvaluateFilter({&segment, std::move(conjuncts), dead, AllowedParallelism(options_.threads), options_.deadline}, cost);
    if (!matches.ok()) return matches.status();
    found.matches = std::make_shared<const MatchSet>(*std::move(matches));
    found.count = found.matches->count;
    plan = cost.plan;
    explain_.rows_touched += cost.rows_touched;
    explain_.chunks_touched += cost.chunks_touched;
    explain_.text_blocks_scanned += cost.text_blocks_scanned;
    if (cost.went_parallel)
      explain_.threads = options_.threads > 0 ? options_.threads : std::max(1u, std::thread::hardware_concurrency());
  }
  if (explain_.segments++ == 0) explain_.filter_plan = plan;
  explain_.rows_total += segment.row_count() - (dead == nullptr ? 0 : dead->count());
  explain_.rows_matched += found.count;
  explain_.filter_us += filter_watch.Microseconds();
  return found;
}

}  // namespace clientele
