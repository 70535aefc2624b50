#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include "engine/execute.h"
#include "index/absl_view.h"

namespace clientele {

std::string_view OrderPlanName(OrderPlan plan) {
  switch (plan) {
    case OrderPlan::kNone: return "none";
    case OrderPlan::kArithmetic: return "slice of the permutation";
    case OrderPlan::kWalk: return "walk the permutation";
    case OrderPlan::kGather: return "gather ranks and select";
    case OrderPlan::kHistogram: return "rank histogram, then walk";
    case OrderPlan::kBitPlanes: return "rank bit planes, then walk";
    case OrderPlan::kValueGroups: return "value by value";
    case OrderPlan::kMerge: return "merge";
  }
  return "?";
}

std::string_view MergePlanName(MergePlan plan) {
  switch (plan) {
    case MergePlan::kNone: return "none";
    case MergePlan::kFromStart: return "from the start";
    case MergePlan::kFromGuess: return "from shortly before the page";
    case MergePlan::kSelected: return "from where the page begins";
    case MergePlan::kWordGroups: return "word by word";
  }
  return "?";
}

std::string_view FilterPlanName(FilterPlan plan) {
  switch (plan) {
    case FilterPlan::kAll: return "every client";
    case FilterPlan::kStored: return "stored count";
    case FilterPlan::kCandidates: return "probe a short candidate list";
    case FilterPlan::kChunks: return "intersect chunk by chunk";
  }
  return "?";
}

std::string ExplainText(const Explain& explain) {
  std::string text = absl::StrFormat("filter  %s: %d of %d clients\n", AbslView(FilterPlanName(explain.filter_plan)),
                                     explain.rows_matched, explain.rows_total);
  for (const ExplainFilter& filter : explain.filters) {
    const double share =
        explain.rows_total == 0 ? 0 : 100.0 * static_cast<double>(filter.cardinality) / static_cast<double>(explain.rows_total);
    absl::StrAppendFormat(&text, "          %-44s %-22s %s%d clients (%.3g %%)\n", filter.text, filter.access,
                          filter.exact ? "" : "at most ", filter.cardinality, share);
  }
  if (explain.small_segments + explain.ruled_out_segments > 0) {
    absl::StrAppendFormat(&text, "          of %d segments: %d small ones at once, %d without a search, by their signatures\n",
                          explain.segments, explain.small_segments, explain.ruled_out_segments);
  }
  absl::StrAppendFormat(&text, "order   %s", AbslView(OrderPlanName(explain.order_plan)));
  if (explain.order_plan == OrderPlan::kMerge) {
    absl::StrAppendFormat(&text, " of %d segments%s, %s", explain.segments, explain.live_plan.empty() ? "" : " and the live rows",
                          AbslView(MergePlanName(explain.merge_plan)));
  }
  text += '\n';
  absl::StrAppendFormat(&text, "work    %d rows touched, %d chunks, %d text blocks, %d thread%s\n", explain.rows_touched,
                        explain.chunks_touched, explain.text_blocks_scanned, explain.threads, explain.threads == 1 ? "" : "s");
  absl::StrAppendFormat(&text, "time    plan %.1f us, filter %.1f us, order %.1f us\n", explain.plan_us, explain.filter_us,
                        explain.order_us);
  return text;
}

}  // namespace clientele
