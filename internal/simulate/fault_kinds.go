package simulate

import (
	"maps"
	"slices"
)

// FaultKind names a kind of fault.
type FaultKind string

// Refusals answer in place of the server, whatever the credentials. The first that strikes decides.
const (
	// gateway 401: token lacks the scope
	FaultScope FaultKind = "scope"
	// gateway 401: e-mail and token do not pair
	FaultMismatch FaultKind = "mismatch"
	// 403: user may not use the product
	FaultNotPermitted FaultKind = "not-permitted"
	// 403: user is no administrator of the product
	FaultNotAdmin FaultKind = "not-admin"
	// 403: the site has no audit log
	FaultFreePlan FaultKind = "free-plan"
	// site 401 with x-seraph-loginreason AUTHENTICATED_FAILED
	FaultUnauthorized FaultKind = "unauthorized"
	// 200 without records, same header
	FaultAnonymous FaultKind = "anonymous"
	// 200 with the HTML of a login page
	FaultLoginPage FaultKind = "login-page"
	// the same with 401
	FaultLoginPage401 FaultKind = "login-page-401"
	// 302 to an identity provider; Value: its URL
	FaultSSO FaultKind = "sso"
	// 307 of the same path to another host; Value: its base URL
	FaultRedirect FaultKind = "redirect"
	// 404
	FaultNotFound FaultKind = "not-found"
	// 429 with Retry-After in seconds; Value: how many, default 2
	FaultRateLimit FaultKind = "rate-limit"
	// 429 with Retry-After as HTTP date; Value: seconds from now, default 2
	FaultRateLimitDate FaultKind = "rate-limit-date"
	// 429 with X-RateLimit-Reset only; Value: seconds from now, default 2
	FaultRateLimitISO FaultKind = "rate-limit-reset"
	// 429 that does not say how long
	FaultRateLimitBare FaultKind = "rate-limit-bare"
	// 429 with Retry-After: 1 to all but so many requests a second; Value: how many, default 1
	FaultRateBucket FaultKind = "rate-bucket"
	// 429 with Retry-After: 1 to requests beside others; Value: how many may be under way, default 2
	FaultCrowd FaultKind = "crowd"
	// 503 with Retry-After; Value: seconds, default 2
	FaultUnavailable FaultKind = "unavailable"
	// 500
	FaultServerError FaultKind = "server-error"
	// 502 with HTML
	FaultBadGateway FaultKind = "bad-gateway"
	// 200 with JSON of another kind
	FaultOtherJSON FaultKind = "other-json"
	// 200 whose list never seems to end; Value: bytes, default 1 GiB
	FaultHuge FaultKind = "huge"
	// no answer until the client gives up
	FaultHang FaultKind = "hang"
	// the connection is reset
	FaultReset FaultKind = "connection-reset"
	// 403 with the HTML of a firewall in front of the server
	FaultForbidden FaultKind = "forbidden"
	// 403: the client's address is not on the IP allow list
	FaultIPBlocked FaultKind = "ip-blocked"
	// Data Center 403: passwords are switched off, as Confluence 10 comes
	FaultBasicOff FaultKind = "basic-off"
	// Data Center 403 to passwords: after too many failed logins only a browser can log in
	FaultCaptcha FaultKind = "captcha"
	// Data Center 401 to a user it has let in, who is no administrator
	FaultNotAdmin401 FaultKind = "not-admin-401"
	// 410: the API was retired
	FaultGone FaultKind = "gone"
	// organization 403: it has no Atlassian Guard
	FaultEntitlement FaultKind = "entitlement"
	// Data Center 404: the app with the audit log API has not started yet
	FaultAppLate FaultKind = "app-late"
)

// Hostile answers are larger than a client may keep. Value: bytes, unless it says otherwise.
const (
	// 200 with a list of zeros, compressed to a thousandth, default 256 MiB
	FaultTinyElements FaultKind = "tiny-elements"
	// 200 whose brackets open and never close, default 256 MiB
	FaultDeepNesting FaultKind = "deep-nesting"
	// 200 with a record whose text does not end, default 1 GiB
	FaultEndlessString FaultKind = "endless-string"
	// 500 with a body that does not end, default 1 GiB
	FaultEndlessError FaultKind = "endless-error"
	// 200 with one header that long, default 8 MiB
	FaultHugeHeader FaultKind = "huge-header"
	// records of one millisecond, as many as are asked for; takes no value
	FaultEndlessMoment FaultKind = "endless-moment"
	// records without a time, as many as are asked for; takes no value
	FaultEndlessUntimed FaultKind = "endless-untimed"
)

// These change how credentials are refused, instead of the usual 401.
const (
	// site: wrong credentials get 403 "not permitted" instead of 401
	FaultRefuse403 FaultKind = "refuse-403"
	// site: wrong credentials, Data Center: wrong tokens get 200 without records
	FaultRefuseEmpty FaultKind = "refuse-empty"
	// site: wrong credentials get 401 with HTML
	FaultRefuseHTML FaultKind = "refuse-login-page"
	// gateway: a service account's token is taken as Bearer, not as Basic
	FaultBearerOnly FaultKind = "bearer-only"
)

// Faults of the wire change how a good answer travels.
const (
	// the body trickles; Value: duration of the whole, default 5s
	FaultSlow FaultKind = "slow"
	// the answer takes the longer the more records it has; Value: duration for each, default 10ms
	FaultSlowPages FaultKind = "slow-pages"
	// the connection ends in the middle of the body
	FaultCut FaultKind = "cut"
	// the body is compressed, asked for or not
	FaultGzip FaultKind = "gzip"
	// a byte order mark stands before the body
	FaultBOM FaultKind = "bom"
	// the answer warns with X-RateLimit-NearLimit
	FaultNearLimit FaultKind = "near-limit"
	// the Date header stands still, so far behind; Value: duration, default 0s
	FaultDateStill FaultKind = "date-still"
	// the Date header is off, the rest is right; Value: duration, may be negative, default 10m
	FaultDateSkew FaultKind = "date-skew"
	// the answer announces the end of the API with Deprecation, Sunset and Warning: 299
	FaultDeprecated FaultKind = "deprecated"
)

// Faults of paging change what a good answer says. Answers of Jira Cloud have no links, so those of
// the next page change nothing there.
const (
	// Value: largest limit granted, default 250
	FaultPageCap FaultKind = "page-cap"
	// no query gives more than its newest records, whatever start or cursor say; Value: how many,
	// default 1000
	FaultNewestOnly FaultKind = "newest-only"
	// Data Center: the cursors lead in a circle of two
	FaultCursorCircle FaultKind = "cursor-circle"
	// every page is the first one
	FaultRepeatPage FaultKind = "repeat-page"
	// Cloud: size counts the window instead of the page, total of Jira the window instead of the log
	FaultSizeTotal FaultKind = "size-total"
	// no link to, and no word of, a next page
	FaultNextNone FaultKind = "next-none"
	// Cloud: next without startDate, endDate, searchString
	FaultNextBare FaultKind = "next-bare"
	// Data Center: nextPageLink with from and to
	FaultNextWindow FaultKind = "next-window"
	// Cloud: next begins with /wiki
	FaultNextContext FaultKind = "next-context"
	// Cloud: next is an absolute URL; organization: the cursor is in such a URL only
	FaultNextAbsolute FaultKind = "next-absolute"
	// Cloud: next goes on by what was asked, not by what was granted
	FaultNextSkips FaultKind = "next-skips"
	// next leads elsewhere; Value: base URL, default https://elsewhere.example.net
	FaultNextOtherHost FaultKind = "next-other-host"
	// there is always a next page
	FaultNextEndless FaultKind = "next-endless"
	// records appear at the newest end of the window just before it is read; Value: how many,
	// default 1
	FaultInsert FaultKind = "insert"
	// the oldest records of the window vanish just before it is read; Value: how many, default 1
	FaultExpire FaultKind = "expire"
	// so many records of one millisecond appear, once; Value: how many, default 4000
	FaultBurst FaultKind = "burst"
	// nothing is listed to whoever asks for a time, as if the site were empty
	FaultSilent FaultKind = "silent"
	// the times of a query are cut to whole seconds; not Jira Cloud
	FaultSeconds FaultKind = "seconds"
	// the ends of a query do not belong to it; not Jira Cloud
	FaultOpenEnds FaultKind = "open-ends"
	// all records have a new member from now on
	FaultRollOut FaultKind = "roll-out"
	// the newest records of the window vanish; Value: how many, default 1
	FaultVanish FaultKind = "vanish"
	// Malformed records appear as with insert; Value: their kind, default one of each
	FaultMalformed FaultKind = "malformed"
	// Jira Cloud: dates without a zone give no records at the site either, as at the gateway
	FaultZoneless FaultKind = "zoneless"
	// organization: a query of more events is refused; Value: how many, default 200
	FaultLimitRefused FaultKind = "limit-refused"
	// organization: at the end of the stream there is no next cursor
	FaultEndNull FaultKind = "end-null"
	// organization: a page that is not full has the cursor that has led to it
	FaultEndSame FaultKind = "end-same"
	// organization: no cursor is known any more; Value: status of the refusal, default 400
	FaultCursorExpired FaultKind = "cursor-expired"
	// organization: a cursor leads to no events, and to itself
	FaultCursorDead FaultKind = "cursor-dead"
	// organization: each cursor leads to the page that it was sent for
	FaultCursorStuck FaultKind = "cursor-stuck"
	// organization: events do not say when they were processed
	FaultNoProcessed FaultKind = "no-processed"
	// organization: from and to are about the time of events, not about when they were processed
	FaultFilterTime FaultKind = "filter-time"
	// organization: each page begins with events of the page before; Value: how many, default 5
	FaultRepeat FaultKind = "repeat"
	// Data Center does not record searches
	FaultNoSearchEvents FaultKind = "no-search-events"
	// Data Center: what has an i18n key comes with a text in another language
	FaultLanguage FaultKind = "language"
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
	FaultRateLimitISO: numberValue, FaultRateLimitBare: noValue, FaultRateBucket: numberValue, FaultCrowd: numberValue, FaultUnavailable: numberValue, FaultServerError: noValue,
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
	FaultBurst: numberValue, FaultSilent: noValue, FaultSeconds: noValue, FaultOpenEnds: noValue, FaultRollOut: noValue,
	FaultForbidden: noValue, FaultIPBlocked: noValue, FaultBasicOff: noValue, FaultCaptcha: noValue, FaultNotAdmin401: noValue, FaultGone: noValue, FaultAppLate: noValue,
	FaultBearerOnly: noValue, FaultDeprecated: noValue, FaultZoneless: noValue,
	FaultEntitlement: noValue, FaultNoProcessed: noValue, FaultFilterTime: noValue, FaultLimitRefused: numberValue, FaultEndNull: noValue, FaultEndSame: noValue, FaultCursorExpired: numberValue, FaultCursorStuck: noValue, FaultCursorDead: noValue, FaultRepeat: numberValue,
}

// defaultValue is what an empty Value means, for the kinds that take one.
var defaultValue = map[FaultKind]string{
	FaultSSO: "https://sso.example.net/login", FaultRedirect: "https://elsewhere.example.net", FaultNextOtherHost: "https://elsewhere.example.net",
	FaultRateLimit: "2", FaultRateLimitDate: "2", FaultRateLimitISO: "2", FaultRateBucket: "1", FaultCrowd: "2", FaultUnavailable: "2", FaultHuge: "1073741824",
	FaultSlow: "5s", FaultSlowPages: "10ms", FaultDateSkew: "10m", FaultPageCap: "250", FaultInsert: "1", FaultExpire: "1", FaultVanish: "1",
	FaultTinyElements: "268435456", FaultDeepNesting: "268435456", FaultEndlessString: "1073741824", FaultEndlessError: "1073741824", FaultHugeHeader: "8388608",
	FaultDateStill: "0s", FaultNewestOnly: "1000",
	FaultBurst: "4000", FaultRepeat: "5", FaultLimitRefused: "200", FaultCursorExpired: "400",
}

// FaultKinds lists every kind in alphabetical order.
func FaultKinds() []FaultKind { return slices.Sorted(maps.Keys(faultKinds)) }
