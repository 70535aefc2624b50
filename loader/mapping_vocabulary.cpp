#include "loader/mapping_vocabulary.h"

#include <string>

#include <absl/strings/ascii.h>

#include "index/absl_view.h"

namespace clientele {
namespace {

// clang-format off
struct Synonyms {
  Field field;
  std::string_view names;  // With blanks between.
};
constexpr Synonyms kSynonyms[] = {
    {Field::kId, "id clientid customerid accountid userid companyid recordid uid number no nr key"},
    {Field::kEmail, "email emailaddress mail contactemail useremail primaryemail billingemail"},
    {Field::kPhone, "phone phonenumber telephone tel mobile contactphone"},
    {Field::kName, "contactname contact fullname contactperson person customername username name"},
    {Field::kStatus, "status state accountstatus customerstatus clientstatus lifecycle stage churn churned active"},
    {Field::kCompanyName,
     "companyname company organization organisation org firm firma accountname businessname legalname account customer client "
     "title name"},
    {Field::kWebsite, "website web url homepage webpage webpages site weburl"},
    {Field::kEntryBaseDomain, "entrybasedomain basedomain domain"},
    {Field::kSignupProcess, "signupprocess"},
    {Field::kDeleted, "deleted isdeleted removed archived"},
    {Field::kBillType, "billtype billingtype billing paymentmethod paymenttype payment"},
    {Field::kCustomId,
     "customid externalid externalkey ref reference customernumber customerno customerid accountnumber ticker code sku uuid "
     "guid"},
    {Field::kCountryCode, "countrycode country countryiso iso2 alphatwocode nation land"},
    {Field::kIsTest, "istest test testaccount"},
    {Field::kHasActiveAdmin, "hasactiveadmin"},
    {Field::kSeller, "seller sellerid salesid"},
    {Field::kResellers, "resellers reseller resellerid partnerid partner"},
    {Field::kClientType, "clienttype customertype accounttype"},
    {Field::kOwner, "owner ownerid accountmanagerid managerid"},
    {Field::kCreatedAt,
     "createdat created creationdate createddate datecreated signupdate signup registered registeredat registrationdate since "
     "joined "
     "joindate startdate firstseen date timestamp"},
    {Field::kActivated, "activated isactivated isactive enabled verified"},
    {Field::kPromocode, "promocode promo coupon voucher campaign"},
    {Field::kAllowedTrafficGb, "allowedtrafficgb trafficgb traffic trafficlimit bandwidth quota"},
    {Field::kSecondaryHostnames, "secondaryhostnames hostnames hosts domains aliases"},
};

struct StateWord {
  std::string_view word, status;
};
constexpr StateWord kStateWords[] = {{"trialend", "trialend"},
                                     {"expired", "trialend"},
                                     {"trial", "trial"},
                                     {"demo", "trial"},
                                     {"evaluat", "trial"},
                                     {"inactive", "paused"},
                                     {"pause", "paused"},
                                     {"suspend", "paused"},
                                     {"closed", "paused"},
                                     {"cancel", "paused"},
                                     {"churn", "paused"},
                                     {"disabled", "paused"},
                                     {"delisted", "paused"},
                                     {"blocked", "paused"},
                                     {"off", "paused"},
                                     {"left", "paused"},
                                     {"integrat", "integration"},
                                     {"onboard", "integration"},
                                     {"prepar", "preparation"},
                                     {"pending", "preparation"},
                                     {"draft", "preparation"},
                                     {"ready", "ready"},
                                     {"approved", "ready"},
                                     {"new", "new"},
                                     {"lead", "new"},
                                     {"prospect", "new"},
                                     {"open", "active"},
                                     {"active", "active"},
                                     {"live", "active"},
                                     {"listed", "active"},
                                     {"enabled", "active"},
                                     {"current", "active"},
                                     {"customer", "active"},
                                     {"paid", "active"},
                                     {"no", "paused"},
                                     {"false", "paused"},
                                     {"0", "paused"},
                                     {"yes", "active"},
                                     {"true", "active"},
                                     {"1", "active"}};
// clang-format on

}  // namespace

std::string_view ForeignNamesOf(Field field) {
  for (const Synonyms& synonyms : kSynonyms) {
    if (synonyms.field == field) return synonyms.names;
  }
  return {};
}

std::string_view GuessStatus(std::string_view value, bool is_churn) {
  const std::string plain = absl::AsciiStrToLower(AbslView(value));
  for (const StateWord& state : kStateWords) {
    const bool is_short = state.word.size() <= 3;
    if (is_short ? plain != state.word : plain.find(state.word) == std::string::npos) continue;
    // A yes to the question whether a client has left means the contrary of the others.
    const bool is_answer = state.word == "true" || state.word == "false" || state.word == "yes" || state.word == "no" ||
                           state.word == "0" || state.word == "1";
    if (is_churn && is_answer) return state.status == "paused" ? "active" : "paused";
    return state.status;
  }
  return {};
}

}  // namespace clientele
