package simulate

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// renderEvent appends a generated event of the organization.
func (s *Simulator) renderEvent(dst []byte, e entry) []byte {
	origin := s.traffic.origin(int(e.ref))
	kinds := organizationCatalogue
	if s.options.Ordinary {
		kinds = organizationOrdinary
	}
	kind := kinds[mix(s.options.Seed, saltText, uint64(origin))%uint64(len(kinds))]
	return s.fill(dst, kind, string(appendSerial(nil, origin)), s.eventID(e.id), e.time, e.visible)
}

// withoutProcessed cuts the time of processing out of a generated event.
func withoutProcessed(event []byte) []byte {
	const name = `"processedAt":"`
	before, rest, found := bytes.Cut(event, []byte(name))
	_, after, whole := bytes.Cut(rest, []byte(`",`))
	if !found || !whole {
		return event
	}
	return slices.Concat(before, after)
}

// eventID returns the id of an event, a UUID.
func (s *Simulator) eventID(id uint32) string {
	a, b := mix(s.options.Seed, saltID, uint64(id)), mix(s.options.Seed, saltID, uint64(id)<<32)
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff)
}

// fill appends an event of the catalogue; times in epoch ms.
func (s *Simulator) fill(dst []byte, kind, serial, id string, happened, processed int64) []byte {
	return append(dst, strings.NewReplacer(
		serialMark, serial, "{digits}", serial[max(0, len(serial)-6):], "{id}", id, "{org}", s.options.OrgID, "{cloud}", s.options.CloudID,
		"{time}", string(isoTime(nil, happened)), "{processed}", string(isoTime(nil, processed)),
	).Replace(kind)...)
}

// Parts of events. The people are those of the other logs, by their account ids.
const (
	eventHead = `{"id":"{id}","type":"events","attributes":{"time":"{time}","processedAt":"{processed}","action":`
	eventEnd  = `},"links":{"self":"https://api.atlassian.com/admin/v1/orgs/{org}/events/{id}"},"message":{"content":"`
	plainText = `","format":"text/plain"}}`

	byJane  = `"actor":{"id":"557058:f3b0d5b2-6c1e-4c5d-9a70-000000000001","name":"Jane Doe","email":"jane.doe@example.com","auth":{"authType":"session"},"links":{"self":"https://api.atlassian.com/users/557058:f3b0d5b2-6c1e-4c5d-9a70-000000000001/manage/profile"}}`
	byHex   = `"actor":{"id":"5e0000000000000000000001","name":"Lea","links":{}}`
	byToken = `"actor":{"id":"712020:0c9b6f0e-3f49-4e57-9a5e-000000000003","name":"Sam","email":"sam@example.com","auth":{"authType":"api-token","tokenId":"41b7","tokenLabel":"nightly {serial}"}}`
	byApp   = `"actor":{"id":"712020:7d2e8c11-51a4-4d3a-8f1b-000000000004","name":"Backup","auth":{"authType":"connect-token"},"app":{"id":"com.example.backup","type":"apps","attributes":{"name":"Backup"}},"onBehalfOf":{"id":"5e0000000000000000000001","name":"Lea","email":"lea@example.com"}}`
	bySelf  = `"actor":{"id":"confluence","name":"Confluence","email":"Atlassian app","picture":null,"links":{}}`

	ofSite   = `{"id":"{cloud}","type":"sites","attributes":{"siteName":"simulated","siteHostName":"https://simulated.atlassian.net"},"links":{}}`
	ofOrg    = `{"id":"{org}","type":"orgs","attributes":{"name":"Simulated"},"links":{}}`
	fromTown = `"location":{"ip":"192.0.2.17","geo":"EU","countryName":"Exampleland","regionName":"R","city":"C"}`
)

// organizationCatalogue holds the kinds of events, with all shapes that were seen: arrays that are
// empty or missing, an actor that is an app, an e-mail address that is none, a location without an
// address. All have their serial in the message; titles can be hidden.
var organizationCatalogue = []string{
	eventHead + `"jira_issue_viewed",` + byJane + `,"context":[],"container":[{"id":"{cloud}","type":"sites","attributes":{"siteName":"simulated","product":"software","issueId":"1000","issueKeyOrId":"EX-1","siteHostName":"https://simulated.atlassian.net"},"links":{"alt":"https://simulated.atlassian.net/browse/EX-1"}}],` + fromTown + eventEnd + `Viewed Jira issue EX-1 ({serial})","format":"simple"}}`,
	eventHead + `"confluence_page_viewed",` + byHex + `,"context":[{"id":"12","type":"pages","attributes":{"title":"Page {serial}"},"links":{"alt":"https://simulated.atlassian.net/wiki/spaces/EX/pages/12"}}],"container":[` + ofSite + `],` + fromTown + eventEnd + `Viewed Confluence page {serial}` + plainText,
	eventHead + `"confluence_page_created",` + byToken + `,"context":[{"id":"13","type":"pages","attributes":{"title":"Page {serial}"}}],"container":[` + ofSite + `],"location":{"ip":"","geo":"","countryName":"","regionName":"","city":""}` + eventEnd + `Created Confluence page {serial}` + plainText,
	eventHead + `"confluence_audit_record_removed_content_restriction",` + bySelf + `,"context":[{"id":"{cloud}","type":"sites","attributes":{"siteName":"simulated"}}],"container":[],"location":{"geo":"EU"}` + eventEnd + `Confluence removed content restriction {serial} on simulated","format":"simple"}}`,
	eventHead + `"user_login",` + byJane + `,"context":[],"container":[` + ofOrg + `],` + fromTown + eventEnd + `Jane Doe logged in {serial}` + plainText,
	eventHead + `"user_login_failed",` + byJane + `,"container":[` + ofOrg + `],"location":{"ip":"203.0.113.66"}` + eventEnd + `Jane Doe failed to log in {serial}` + plainText,
	eventHead + `"user_logged_in_as_user",` + byJane + `,"context":[{"type":"users","attributes":{"accountType":"atlassian","email":"lea@example.com","name":"Lea"}}],"container":[` + ofSite + `],` + fromTown + eventEnd + `Logged in as Lea {serial}` + plainText,
	eventHead + `"group_member_added",` + byJane + `,"context":[{"id":"5e0000000000000000000001","type":"users","attributes":{"name":"Lea","email":"lea@example.com"}},{"id":"8f14e45f-ceea-467f-a9a2-000000000009","type":"groups","attributes":{"name":"org-admins"}}],"container":[` + ofOrg + `],` + fromTown + eventEnd + `Added Lea to group org-admins {serial}` + plainText,
	eventHead + `"api_token_created",` + byHex + `,"context":[{"id":"5e0000000000000000000001","type":"users","attributes":{"name":"Lea"}}],"container":[` + ofOrg + `],"location":{"geo":"EU"}` + eventEnd + `Created API token {serial}` + plainText,
	eventHead + `"org_settings_update",` + byJane + `,"context":[{"id":"{org}","type":"orgs","attributes":{"settingName":"audit log titles","settingValues":["off"]}}],"container":[],` + fromTown + eventEnd + `Changed setting {serial}` + plainText,
	eventHead + `"data_security_policy_update",` + byJane + `,"context":[],"container":[` + ofOrg + `],` + fromTown + eventEnd + `Updated policy {serial}` + plainText,
	eventHead + `"marketplace_app_installed",` + byApp + `,"context":[{"id":"com.example.backup","type":"unit","attributes":{"name":"Backup"}}],"container":[` + ofSite + `]` + eventEnd + `Installed Backup {serial}` + plainText,
	eventHead + `"confluence_added_space_permission",` + byJane + `,"context":[{"id":"65537","type":"space","attributes":{"name":"Space {serial}","key":"EX"}}],"container":[` + ofSite + `],` + fromTown + eventEnd + `Added space permission {serial}` + plainText,
	eventHead + `"something_nobody_knows",` + byJane + `,"context":[],"container":[` + ofOrg + `]` + eventEnd + `{serial}` + plainText,
}

// malformedEvent returns a malformed event of the organization, or nil. An iso-date has a zone
// without a colon.
func (s *Simulator) malformedEvent(kind string, at time.Time) []byte {
	event := string(s.fill(nil, organizationCatalogue[0], "malformed: "+kind, s.eventID(s.ledger.lastID+1), at.UnixMilli(), at.UnixMilli()))
	instant := string(isoTime(nil, at.UnixMilli()))
	switch kind {
	case "no-date":
		return []byte(strings.Replace(event, `"time":"`+instant+`",`, "", 1))
	case "null-date":
		return []byte(strings.ReplaceAll(event, `"`+instant+`"`, "null"))
	case "no-id":
		return []byte(strings.Replace(event, event[1:strings.Index(event, `"type"`)], "", 1))
	case "string-date":
		return []byte(strings.ReplaceAll(event, instant, strconv.FormatInt(at.UnixMilli(), 10)))
	case "seconds-date":
		return []byte(strings.ReplaceAll(event, `"`+instant+`"`, strconv.FormatInt(at.Unix(), 10)))
	case "iso-date":
		return []byte(strings.ReplaceAll(event, instant, string(jiraTime(nil, at.UnixMilli()))))
	case "not-object":
		return []byte(`"malformed: not-object"`)
	case "null":
		return []byte("null")
	case "huge-field":
		return []byte(strings.Replace(event, `"format"`, `"huge":"`+strings.Repeat("x", 1<<20)+`","format"`, 1))
	}
	return nil
}
