package simulate

import (
	"maps"
	"slices"
)

// FaultKind names one way to misbehave.
type FaultKind string

// Refusals answer in place of the server, whatever the credentials. The first that strikes decides.
const (
	FaultScope         FaultKind = "scope"            // gateway 401: token lacks the scope
	FaultMismatch      FaultKind = "mismatch"         // gateway 401: e-mail and token do not pair
	FaultNotPermitted  FaultKind = "not-permitted"    // 403: user may not use Confluence
	FaultNotAdmin      FaultKind = "not-admin"        // 403: user is no Confluence administrator
	FaultFreePlan      FaultKind = "free-plan"        // 403: the site has no audit log
	FaultUnauthorized  FaultKind = "unauthorized"     // site 401 with x-seraph-loginreason AUTHENTICATED_FAILED
	FaultAnonymous     FaultKind = "anonymous"        // 200 without records, same header
	FaultLoginPage     FaultKind = "login-page"       // 200 with the HTML of a login page
	FaultLoginPage401  FaultKind = "login-page-401"   // the same with 401
	FaultSSO           FaultKind = "sso"              // 302 to an identity provider; Value: its URL
	FaultRedirect      FaultKind = "redirect"         // 307 of the same path to another host; Value: its base URL
	FaultNotFound      FaultKind = "not-found"        // 404
	FaultRateLimit     FaultKind = "rate-limit"       // 429 with Retry-After in seconds; Value: how many, default 2
	FaultRateLimitDate FaultKind = "rate-limit-date"  // 429 with Retry-After as HTTP date; Value: seconds from now, default 2
	FaultRateLimitISO  FaultKind = "rate-limit-reset" // 429 with X-RateLimit-Reset only; Value: seconds from now, default 2
	FaultRateLimitBare FaultKind = "rate-limit-bare"  // 429 that does not say how long
	FaultRateBucket    FaultKind = "rate-bucket"      // 429 with Retry-After: 1 to all but so many requests a second; Value: how many, default 1
	FaultUnavailable   FaultKind = "unavailable"      // 503 with Retry-After; Value: seconds, default 2
	FaultServerError   FaultKind = "server-error"     // 500
	FaultBadGateway    FaultKind = "bad-gateway"      // 502 with HTML
	FaultOtherJSON     FaultKind = "other-json"       // 200 with JSON of another kind
	FaultHuge          FaultKind = "huge"             // 200 whose list never seems to end; Value: bytes, default 1 GiB
	FaultHang          FaultKind = "hang"             // no answer until the client gives up
	FaultReset         FaultKind = "connection-reset" // the connection is reset
	FaultForbidden     FaultKind = "forbidden"        // 403 with the HTML of a firewall in front of the server
	FaultIPBlocked     FaultKind = "ip-blocked"       // 403: the client's address is not on the IP allow list
	FaultBasicOff      FaultKind = "basic-off"        // Data Center 403: passwords are switched off, as Confluence 10 comes
	FaultGone          FaultKind = "gone"             // 410: the API was retired
	FaultAppLate       FaultKind = "app-late"         // Data Center 404: the app with the audit log API has not started yet
)

// Hostile answers are larger than a client may keep. Value: bytes, unless it says otherwise.
const (
	FaultTinyElements   FaultKind = "tiny-elements"   // 200 with a list of zeros, compressed to a thousandth, default 256 MiB
	FaultDeepNesting    FaultKind = "deep-nesting"    // 200 whose brackets open and never close, default 256 MiB
	FaultEndlessString  FaultKind = "endless-string"  // 200 with a record whose text does not end, default 1 GiB
	FaultEndlessError   FaultKind = "endless-error"   // 500 with a body that does not end, default 1 GiB
	FaultHugeHeader     FaultKind = "huge-header"     // 200 with one header that long, default 8 MiB
	FaultEndlessMoment  FaultKind = "endless-moment"  // records of one millisecond, as many as are asked for; takes no value
	FaultEndlessUntimed FaultKind = "endless-untimed" // records without a time, as many as are asked for; takes no value
)

// What credentials that are not accepted meet, instead of the usual 401.
const (
	FaultRefuse403   FaultKind = "refuse-403"        // site: wrong credentials get 403 "not permitted" instead of 401
	FaultRefuseEmpty FaultKind = "refuse-empty"      // site: wrong credentials, Data Center: wrong tokens get 200 without records
	FaultRefuseHTML  FaultKind = "refuse-login-page" // site: wrong credentials get 401 with HTML
	FaultBearerOnly  FaultKind = "bearer-only"       // gateway: a service account's token is taken as Bearer, not as Basic
)

// Faults of the wire change how a good answer travels.
const (
	FaultSlow       FaultKind = "slow"       // the body trickles; Value: duration of the whole, default 5s
	FaultSlowPages  FaultKind = "slow-pages" // the answer takes the longer the more records it has; Value: duration for each, default 10ms
	FaultCut        FaultKind = "cut"        // the connection ends in the middle of the body
	FaultGzip       FaultKind = "gzip"       // the body is compressed, asked for or not
	FaultBOM        FaultKind = "bom"        // a byte order mark stands before the body
	FaultNearLimit  FaultKind = "near-limit" // the answer warns with X-RateLimit-NearLimit
	FaultDateStill  FaultKind = "date-still" // the Date header stands still, so far behind; Value: duration, default 0s
	FaultDateSkew   FaultKind = "date-skew"  // the Date header is off, the rest is right; Value: duration, may be negative, default 10m
	FaultDeprecated FaultKind = "deprecated" // the answer announces the end of the API with Deprecation, Sunset and Warning: 299
)

// Faults of paging change what a good answer says.
const (
	FaultPageCap        FaultKind = "page-cap"         // Value: largest limit granted, default 250
	FaultNewestOnly     FaultKind = "newest-only"      // no query gives more than its newest records, whatever start or cursor say; Value: how many, default 1000
	FaultCursorCircle   FaultKind = "cursor-circle"    // Data Center: the cursors lead in a circle of two
	FaultRepeatPage     FaultKind = "repeat-page"      // every page is the first one
	FaultSizeTotal      FaultKind = "size-total"       // Cloud: size counts the window instead of the page
	FaultNextNone       FaultKind = "next-none"        // no link to, and no word of, a next page
	FaultNextBare       FaultKind = "next-bare"        // Cloud: next without startDate, endDate, searchString
	FaultNextWindow     FaultKind = "next-window"      // Data Center: nextPageLink with from and to
	FaultNextContext    FaultKind = "next-context"     // Cloud: next begins with /wiki
	FaultNextAbsolute   FaultKind = "next-absolute"    // Cloud: next is an absolute URL
	FaultNextSkips      FaultKind = "next-skips"       // Cloud: next goes on by what was asked, not by what was granted
	FaultNextOtherHost  FaultKind = "next-other-host"  // next leads elsewhere; Value: base URL, default https://elsewhere.example.net
	FaultNextEndless    FaultKind = "next-endless"     // there is always a next page
	FaultInsert         FaultKind = "insert"           // records appear at the newest end of the window just before it is read; Value: how many, default 1
	FaultExpire         FaultKind = "expire"           // the oldest records of the window vanish just before it is read; Value: how many, default 1
	FaultBurst          FaultKind = "burst"            // so many records of one millisecond appear, once; Value: how many, default 4000
	FaultSilent         FaultKind = "silent"           // nothing is listed to whoever asks for a time, as if the site were empty
	FaultRollOut        FaultKind = "roll-out"         // all records have a new member from now on
	FaultVanish         FaultKind = "vanish"           // the newest records of the window vanish; Value: how many, default 1
	FaultMalformed      FaultKind = "malformed"        // Malformed records appear as with insert; Value: their kind, default one of each
	FaultNoSearchEvents FaultKind = "no-search-events" // Data Center does not record searches
	FaultLanguage       FaultKind = "language"         // Data Center: what has an i18n key comes with a text in another language
)

// valueType is what a fault's Value must be.
type valueType int

const (
	noValue valueType = iota
	numberValue
	durationValue
	urlValue
	malformedValue
)

var faultKinds = map[FaultKind]valueType{
	FaultScope: noValue, FaultMismatch: noValue, FaultNotPermitted: noValue, FaultNotAdmin: noValue, FaultFreePlan: noValue,
	FaultUnauthorized: noValue, FaultAnonymous: noValue, FaultLoginPage: noValue, FaultLoginPage401: noValue, FaultSSO: urlValue,
	FaultRedirect: urlValue, FaultNotFound: noValue, FaultRateLimit: numberValue, FaultRateLimitDate: numberValue,
	FaultRateLimitISO: numberValue, FaultRateLimitBare: noValue, FaultRateBucket: numberValue, FaultUnavailable: numberValue, FaultServerError: noValue,
	FaultBadGateway: noValue, FaultOtherJSON: noValue, FaultHuge: numberValue, FaultHang: noValue, FaultReset: noValue,
	FaultRefuse403: noValue, FaultRefuseEmpty: noValue, FaultRefuseHTML: noValue,
	FaultSlow: durationValue, FaultSlowPages: durationValue, FaultCut: noValue, FaultGzip: noValue, FaultBOM: noValue, FaultNearLimit: noValue, FaultDateSkew: durationValue,
	FaultPageCap: numberValue, FaultRepeatPage: noValue, FaultSizeTotal: noValue, FaultNextNone: noValue, FaultNextBare: noValue,
	FaultNextWindow: noValue, FaultNextContext: noValue, FaultNextAbsolute: noValue, FaultNextSkips: noValue, FaultNextOtherHost: urlValue,
	FaultNextEndless: noValue, FaultInsert: numberValue, FaultExpire: numberValue, FaultVanish: numberValue, FaultMalformed: malformedValue,
	FaultNoSearchEvents: noValue, FaultLanguage: noValue,
	FaultTinyElements: numberValue, FaultDeepNesting: numberValue, FaultEndlessString: numberValue, FaultEndlessError: numberValue,
	FaultHugeHeader: numberValue, FaultEndlessMoment: noValue, FaultEndlessUntimed: noValue,
	FaultDateStill: durationValue, FaultNewestOnly: numberValue, FaultCursorCircle: noValue,
	FaultBurst: numberValue, FaultSilent: noValue, FaultRollOut: noValue,
	FaultForbidden: noValue, FaultIPBlocked: noValue, FaultBasicOff: noValue, FaultGone: noValue, FaultAppLate: noValue,
	FaultBearerOnly: noValue, FaultDeprecated: noValue,
}

// defaultValue is what an empty Value means, for the kinds that take one.
var defaultValue = map[FaultKind]string{
	FaultSSO: "https://sso.example.net/login", FaultRedirect: "https://elsewhere.example.net", FaultNextOtherHost: "https://elsewhere.example.net",
	FaultRateLimit: "2", FaultRateLimitDate: "2", FaultRateLimitISO: "2", FaultRateBucket: "1", FaultUnavailable: "2", FaultHuge: "1073741824",
	FaultSlow: "5s", FaultSlowPages: "10ms", FaultDateSkew: "10m", FaultPageCap: "250", FaultInsert: "1", FaultExpire: "1", FaultVanish: "1",
	FaultTinyElements: "268435456", FaultDeepNesting: "268435456", FaultEndlessString: "1073741824", FaultEndlessError: "1073741824", FaultHugeHeader: "8388608",
	FaultDateStill: "0s", FaultNewestOnly: "1000",
	FaultBurst: "4000",
}

// FaultKinds lists every kind in alphabetical order.
func FaultKinds() []FaultKind { return slices.Sorted(maps.Keys(faultKinds)) }
