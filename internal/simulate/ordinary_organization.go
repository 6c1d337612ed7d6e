package simulate

import "slices"

// Events of the organization by the attacker, and those of ordinary work that are like them.
const (
	byMallory = `"actor":{"id":"712020:66c0ffee-1d34-4f8a-b7e6-5d4c3b2a1f66","name":"Mallory Quinn","email":"mallory.quinn@example.com","auth":{"authType":"session"}}`
	// who mistypes, or tries names of a list: each time another account
	byStranger = `"actor":{"id":"712020:00000000-0000-4000-8000-000000{digits}","name":"Person {digits}","email":"person.{digits}@example.com"}`

	fromAfar = `"location":{"ip":"198.51.100.66","geo":"EU","countryName":"Elsewhere","regionName":"E","city":"E"}`
	inOrg    = `"container":[` + ofOrg + `],`
	inSite   = `"container":[` + ofSite + `],`
	aPerson  = `{"id":"5e0000000000000000000001","type":"users","attributes":{"name":"Lea","email":"lea@example.com"}}`

	orgMadeAdministrator        = eventHead + `"added_org_admin",` + byMallory + `,"context":[` + aPerson + `],` + inOrg + fromAfar + eventEnd + `Made Lea an administrator of the organization {serial}` + plainText
	orgGroupMadeAdministrator   = eventHead + `"group_granted_admin_access",` + byMallory + `,"context":[{"id":"8f14e45f-ceea-467f-a9a2-000000000007","type":"groups","attributes":{"name":"team-{serial}"}}],` + inOrg + fromAfar + eventEnd + `Gave administration to team-{serial}` + plainText
	orgAddedToAdministrators    = eventHead + `"group_member_added",` + byMallory + `,"context":[` + aPerson + `,{"id":"8f14e45f-ceea-467f-a9a2-000000000009","type":"groups","attributes":{"name":"org-admins"}}],` + inOrg + fromAfar + eventEnd + `Added Lea to group org-admins {serial}` + plainText
	orgInstalledApp             = eventHead + `"marketplace_app_installed",` + byMallory + `,"context":[{"id":"com.example.helper","type":"unit","attributes":{"name":"Helper {serial}"}}],` + inSite + fromAfar + eventEnd + `Installed Helper {serial}` + plainText
	orgChangedPolicy            = eventHead + `"data_security_policy_update",` + byMallory + `,"context":[],` + inOrg + fromAfar + eventEnd + `Updated data security policy {serial}` + plainText
	orgChangedAuthentication    = eventHead + `"org_settings_update",` + byMallory + `,"context":[],"container":[{"id":"{org}","type":"orgs","attributes":{"name":"Simulated","settingName":"AuthenticationPolicy","settingValues":"samlEnabled"}}],` + fromAfar + eventEnd + `Updated AuthenticationPolicy {serial}` + plainText
	orgChangedAuthenticationToo = eventHead + `"org_settings_update",` + byMallory + `,"context":[{"id":"{org}","type":"orgs","attributes":{"settingName":"AuthenticationPolicy","settingValues":["twoStepOptional"]}}],"container":[],` + fromAfar + eventEnd + `Updated AuthenticationPolicy {serial}` + plainText
	orgTurnedOffTwoSteps        = eventHead + `"twosv_disabled_for_user",` + byMallory + `,"context":[` + aPerson + `],` + inOrg + fromAfar + eventEnd + `Turned off two-step verification of Lea {serial}` + plainText
	orgImpersonated             = eventHead + `"user_logged_in_as_user",` + byMallory + `,"context":[{"type":"users","attributes":{"accountType":"atlassian","email":"lea@example.com","name":"Lea"}}],` + inSite + fromAfar + eventEnd + `Logged in as Lea {serial}` + plainText
	orgMadeToken                = eventHead + `"api_token_created",` + byMallory + `,` + fromAfar + eventEnd + `Created API token {serial}` + plainText
	orgLogin                    = eventHead + `"user_login",` + byMallory + `,"context":[],` + inOrg + fromAfar + eventEnd + `Mallory Quinn logged in {serial}` + plainText
	orgRefusedLogin             = eventHead + `"user_login_failed",` + byMallory + `,` + fromAfar + eventEnd + `Mallory Quinn failed to log in {serial}` + plainText
	orgRefusedStranger          = eventHead + `"user_login_failed",` + byStranger + `,` + fromAfar + eventEnd + `Person {digits} failed to log in {serial}` + plainText
	orgViewedPage               = eventHead + `"confluence_page_viewed",` + byMallory + `,"context":[{"id":"12","type":"pages","attributes":{"title":"Page {serial}"}}],` + inSite + fromAfar + eventEnd + `Viewed Confluence page {serial}` + plainText
	orgViewedIssue              = eventHead + `"jira_issue_viewed",` + byMallory + `,"context":[],"container":[{"id":"{cloud}","type":"sites","attributes":{"siteName":"simulated","product":"software","issueId":"1000","issueKeyOrId":"EX-1"}}],` + fromAfar + eventEnd + `Viewed Jira issue EX-1 ({serial})` + plainText
)

// organizationOrdinary holds the ordinary work in an organization with Guard Premium: people read
// and write, log in, and mistype a password now and then.
var organizationOrdinary = append(slices.Repeat([]string{
	organizationCatalogue[0], // views of issues and pages
	organizationCatalogue[1],
	organizationCatalogue[2], // a page created, by a token
	organizationCatalogue[4], // a login
	eventHead + `"confluence_page_updated",` + byHex + `,"context":[{"id":"13","type":"pages","attributes":{"title":"Page {serial}"}}],` + inSite + fromTown + eventEnd + `Updated Confluence page {serial}` + plainText,
	eventHead + `"jira_issue_created",` + byToken + `,"context":[],"container":[{"id":"{cloud}","type":"sites","attributes":{"siteName":"simulated","product":"software","issueId":"1001","issueKeyOrId":"EX-2"}}],` + fromTown + eventEnd + `Created Jira issue EX-2 ({serial})` + plainText,
	eventHead + `"user_login",` + byHex + `,"context":[],` + inOrg + fromTown + eventEnd + `Lea logged in {serial}` + plainText,
	eventHead + `"user_logout",` + byHex + `,"context":[],` + inOrg + fromTown + eventEnd + `Lea logged out {serial}` + plainText,
}, 3),
	organizationCatalogue[3], // mirrored
	organizationCatalogue[5], // a login refused
	organizationCatalogue[8], // a token
	organizationCatalogue[12],
	eventHead+`"user_login_failed",`+byStranger+`,`+fromTown+eventEnd+`Person {digits} failed to log in {serial}`+plainText,
	eventHead+`"group_member_added",`+byJane+`,"context":[`+aPerson+`,{"id":"8f14e45f-ceea-467f-a9a2-000000000008","type":"groups","attributes":{"name":"team-{serial}"}}],`+inOrg+fromTown+eventEnd+`Added Lea to group team-{serial}`+plainText,
	eventHead+`"user_invitation_sent",`+byJane+`,"context":[{"type":"invited-user","attributes":{"email":"new.{serial}@example.com"}}],`+inSite+fromTown+eventEnd+`Invited somebody {serial}`+plainText,
	eventHead+`"user_created",`+byJane+`,"context":[`+aPerson+`],`+inOrg+fromTown+eventEnd+`Created Lea {serial}`+plainText,
	eventHead+`"org_settings_update",`+byJane+`,"context":[{"id":"{org}","type":"orgs","attributes":{"settingName":"logo","settingValues":["new"]}}],"container":[],`+fromTown+eventEnd+`Changed setting {serial}`+plainText,
)
