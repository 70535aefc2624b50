#include "loader/generator_words.h"

namespace clientele {
namespace {

// Services by their index in kServiceNames.
constexpr std::uint8_t kCdn = 0, kStorage = 1, kStreaming = 2, kDdos = 3, kDns = 4, kCloud = 5, kProtection = 6, kConnect = 7;

// clang-format off
constexpr std::array<Feature, kGeneratedFeatureCount> kFeatures{{
    {"HTTP/2 delivery", kCdn}, {"Brotli compression", kCdn}, {"Origin shielding", kCdn}, {"Raw logs", kCdn}, {"Custom SSL certificate", kCdn},
    {"Let's Encrypt certificate", kCdn}, {"Image optimization", kCdn}, {"Large file delivery", kCdn}, {"Cache purge API", kCdn}, {"WebSockets", kCdn},
    {"IPv6 delivery", kCdn}, {"Geo restriction", kCdn}, {"Referrer policy", kCdn}, {"Secure token", kCdn}, {"Rate limiting", kCdn},
    {"HTTP/3 (QUIC)", kCdn}, {"Edge rules", kCdn}, {"Hotlink protection", kCdn}, {"Log forwarder", kCdn}, {"Stale content", kCdn},
    {"Multi origin", kCdn}, {"Origin groups", kCdn}, {"Dedicated IP", kCdn}, {"Premium locations", kCdn}, {"China delivery", kCdn},
    {"Slice cache", kCdn}, {"Host header forwarding", kCdn}, {"Fetch compressed", kCdn}, {"Gzip on", kCdn}, {"Query string control", kCdn},
    {"Prefetch", kCdn}, {"A/B routing", kCdn}, {"Edge functions", kCdn}, {"Bandwidth report", kCdn}, {"Real-time statistics", kCdn},
    {"Custom error pages", kCdn}, {"Proxy cache key", kCdn}, {"TLS 1.3 only", kCdn}, {"mTLS to origin", kCdn}, {"White label", kCdn},
    {"S3 storage", kStorage}, {"SFTP storage", kStorage}, {"Public buckets", kStorage}, {"Lifecycle rules", kStorage}, {"Object versioning", kStorage},
    {"Storage replication", kStorage}, {"Bucket policies", kStorage}, {"Cold storage", kStorage}, {"CORS rules", kStorage}, {"Storage statistics", kStorage},
    {"Object lock", kStorage}, {"Server-side encryption", kStorage}, {"Access logs", kStorage}, {"Backup to storage", kStorage},
    {"Live streaming", kStreaming}, {"Video hosting", kStreaming}, {"Transcoding", kStreaming}, {"Low latency HLS", kStreaming}, {"DVR recording", kStreaming},
    {"Player", kStreaming}, {"Restreaming", kStreaming}, {"WebRTC ingest", kStreaming}, {"Subtitles", kStreaming}, {"AI speech to text", kStreaming},
    {"DRM", kStreaming}, {"Watermark", kStreaming}, {"Video calls", kStreaming}, {"Ad insertion", kStreaming}, {"4K transcoding", kStreaming},
    {"Stream statistics", kStreaming},
    {"Basic DDoS protection", kDdos}, {"WAF", kDdos}, {"Bot management", kDdos}, {"L7 protection", kDdos}, {"Custom WAF rules", kDdos},
    {"IP reputation", kDdos}, {"API protection", kDdos}, {"Attack reports", kDdos}, {"Always-on mitigation", kDdos}, {"24/7 security desk", kDdos},
    {"Managed DNS", kDns}, {"Anycast DNS", kDns}, {"GeoDNS", kDns}, {"DNSSEC", kDns}, {"DNS failover", kDns},
    {"Secondary DNS", kDns}, {"Weighted records", kDns}, {"DNS query logs", kDns}, {"DNS API", kDns}, {"Vanity name servers", kDns},
    {"Virtual machines", kCloud}, {"Floating IP", kCloud}, {"Block volumes", kCloud}, {"Private networks", kCloud}, {"Load balancers", kCloud},
    {"Managed Kubernetes", kCloud}, {"Bare metal servers", kCloud}, {"Snapshots", kCloud}, {"Managed PostgreSQL", kCloud}, {"GPU instances", kCloud},
    {"Container registry", kCloud}, {"Serverless functions", kCloud}, {"File shares", kCloud}, {"Secrets manager", kCloud}, {"Cloud quotas +", kCloud},
    {"Placement groups", kCloud}, {"Managed logging", kCloud}, {"AI inference", kCloud},
    {"Network protection", kProtection}, {"GRE tunnels", kProtection}, {"BGP announcements", kProtection}, {"Flow telemetry", kProtection},
    {"Emergency onboarding", kProtection}, {"Mitigation profiles", kProtection},
    {"Direct connect", kConnect}, {"Cross connect", kConnect}, {"Cloud on-ramp", kConnect}, {"Redundant port", kConnect}, {"10G port", kConnect},
    {"100G port", kConnect},
}};
// clang-format on
static_assert(kFeatures.back().name == "100G port");

}  // namespace

std::span<const Feature, kGeneratedFeatureCount> GeneratedFeatures() {
  return kFeatures;
}

}  // namespace clientele
