package site_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
)

// places are the places where a server can echo a request.
var places = map[string]func(w http.ResponseWriter, r *http.Request, echo string){
	"body 200": func(w http.ResponseWriter, r *http.Request, echo string) {
		fmt.Fprintf(w, `{"headers":{"a":%q}}`, echo)
	},
	"html 200": func(w http.ResponseWriter, r *http.Request, echo string) { fmt.Fprintf(w, "<html>%s</html>", echo) },
	"name in JSON that is cut": func(w http.ResponseWriter, r *http.Request, echo string) {
		fmt.Fprintf(w, `{"results":[{%q:`, echo)
	},
	"message 401": func(w http.ResponseWriter, r *http.Request, echo string) {
		reply(401, fmt.Sprintf(`{"message":%q}`, echo), "X-Failure-Category", echo)(w, r)
	},
	"html 403": func(w http.ResponseWriter, r *http.Request, echo string) { reply(403, "<html><p>"+echo)(w, r) },
	"text 404": func(w http.ResponseWriter, r *http.Request, echo string) { reply(404, echo)(w, r) },
	"errors 410": func(w http.ResponseWriter, r *http.Request, echo string) {
		reply(410, `{"errorMessages":["`+echo)(w, r)
	},
	"body 500": func(w http.ResponseWriter, r *http.Request, echo string) { reply(500, echo)(w, r) },
	"429": func(w http.ResponseWriter, r *http.Request, echo string) {
		reply(429, echo, "RateLimit-Reason", echo, "X-RateLimit-Limit", echo)(w, r)
	},
	"trace": func(w http.ResponseWriter, r *http.Request, echo string) { reply(500, "", "Atl-Traceid", echo)(w, r) },
	"login": func(w http.ResponseWriter, r *http.Request, echo string) {
		reply(200, emptyPage, "X-Seraph-LoginReason", echo)(w, r)
	},
	"redirect": func(w http.ResponseWriter, r *http.Request, echo string) {
		reply(302, "", "Location", "http://evil.example/"+echo+"?"+url.QueryEscape(echo))(w, r)
	},
	"redirect to a host": func(w http.ResponseWriter, r *http.Request, echo string) {
		reply(302, "", "Location", "https://"+strings.Map(hostChar, echo)+".example/login")(w, r)
	},
	"bad redirect": func(w http.ResponseWriter, r *http.Request, echo string) {
		reply(302, "", "Location", "http://["+echo)(w, r)
	},
	"bad status line": func(w http.ResponseWriter, r *http.Request, echo string) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		fmt.Fprintf(conn, "HTTP/1.1 %s\r\n\r\n", echo)
		_ = conn.Close()
	},
	"bad header": func(w http.ResponseWriter, r *http.Request, echo string) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\n%s\r\n\r\n", echo)
		_ = conn.Close()
	},
	"announcement": func(w http.ResponseWriter, r *http.Request, echo string) {
		reply(200, emptyPage, "Warning", `299 - "`+echo+`"`, "Deprecation", "true", "Sunset", echo)(w, r)
	},
	"title": func(w http.ResponseWriter, r *http.Request, echo string) {
		reply(403, "<html><head><title>"+echo+"</title></head><body>"+echo+"</body>", "Content-Type", "text/html")(w, r)
	},
	"challenge": func(w http.ResponseWriter, r *http.Request, echo string) {
		reply(401, `{"error":"`+echo+`"}`, "WWW-Authenticate", `Basic realm="`+echo+`"`, "Set-Cookie", "seen="+echo, "Content-Type", echo)(w, r)
	},
	"OAuth": func(w http.ResponseWriter, r *http.Request, echo string) {
		reply(400, fmt.Sprintf(`{"error":%q,"error_description":%q,"error_uri":%q}`, echo, echo, echo))(w, r)
	},
	"nested": func(w http.ResponseWriter, r *http.Request, echo string) {
		reply(403, fmt.Sprintf(`{"errors":[{"title":%q,"detail":{"message":{"translation":%q}}},%q]}`, echo, echo, echo))(w, r)
	},
	"names in JSON": func(w http.ResponseWriter, r *http.Request, echo string) {
		reply(400, fmt.Sprintf(`{%q:{%q:1}}`, echo, echo))(w, r)
	},
	"link": func(w http.ResponseWriter, r *http.Request, echo string) {
		reply(200, emptyPage, "Deprecation", "@1767225600", "Link", `<https://x.example/`+echo+`>; rel="deprecation"`,
			"Warning", "299 gone "+echo, "RateLimit-Reason", echo, "X-RateLimit-NearLimit", "true")(w, r)
	},
	"next page": func(w http.ResponseWriter, r *http.Request, echo string) {
		fmt.Fprintf(w, `{"results":[],"start":0,"limit":1,"size":0,"_links":{"base":%q,"next":%q},"pagingInfo":{"nextPageLink":%q,"nextPageCursor":%q}}`, echo, echo, echo, echo)
	},
	"cloud id": func(w http.ResponseWriter, r *http.Request, echo string) {
		fmt.Fprintf(w, `{"cloudId":%q,"version":%q,"typeId":%q}`, echo, echo, echo)
	},
	"manifest": func(w http.ResponseWriter, r *http.Request, echo string) {
		fmt.Fprintf(w, "<manifest><typeId>%s</typeId><version>%s</version></manifest>", html.EscapeString(echo), html.EscapeString(echo))
	},
	"redirect within": func(w http.ResponseWriter, r *http.Request, echo string) {
		reply(307, "", "Location", "/"+url.PathEscape(echo)+"?"+url.QueryEscape(echo)+"#"+url.QueryEscape(echo))(w, r)
	},
	"retry": func(w http.ResponseWriter, r *http.Request, echo string) {
		reply(429, `{"message":"`+echo+`"}`, "Retry-After", echo, "Date", echo, "X-Failure-Category", echo, "X-RateLimit-Reset", echo)(w, r)
	},
	"user name": func(w http.ResponseWriter, r *http.Request, echo string) {
		w.Header().Set("X-AUSERNAME", strings.Map(headerChar, echo))
		fmt.Fprintf(w, `{"type":"known","username":%q,"entities":[],"results":[],"pagingInfo":{"lastPage":true}}`, echo)
	},
}

func headerChar(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}

func hostChar(r rune) rune {
	if strings.ContainsRune(`/\%?#"<> &@:+=`, r) || r <= ' ' {
		return -1
	}
	return r
}
