package simulate

import (
	"fmt"
	"net/http"
)

// reply is an answer before the faults of the wire.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func answer(status int, contentType string, body []byte) *reply {
	return &reply{status: status, header: http.Header{"Content-Type": {contentType}}, body: body}
}

func jsonReply(status int, body string) *reply {
	return answer(status, "application/json", []byte(body))
}

func htmlReply(status int, body string) *reply {
	return answer(status, "text/html;charset=UTF-8", []byte(body))
}

// message returns an error in the gateway's format.
func message(status int, text string) *reply {
	return jsonReply(status, fmt.Sprintf(`{"code":%d,"message":%s}`, status, quote(text)))
}

// problem returns an error in the format of the product's REST API.
func (s *Simulator) problem(status int, text string) *reply {
	if s.isJira() {
		return errorCollection(status, text)
	}
	return problem(status, text)
}

// errorCollection returns an error in the format of Jira's REST API.
func errorCollection(status int, text string) *reply {
	return jsonReply(status, fmt.Sprintf(`{"errorMessages":[%s],"errors":{}}`, quote(text)))
}

// problem returns an error in the format of Confluence's REST v1.
func problem(status int, text string) *reply {
	return jsonReply(status, fmt.Sprintf(`{"statusCode":%d,"data":{"authorized":%t,"valid":true,"errors":[],"successful":false},"message":%s}`,
		status, status != http.StatusForbidden && status != http.StatusUnauthorized, quote(text)))
}

func (r *reply) with(key, value string) *reply {
	r.header.Set(key, value)
	return r
}
