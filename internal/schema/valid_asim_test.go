package schema

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/manual"
)

// asimColumn is a column of Microsoft's documentation of ASIM: MicrosoftDocs/azure-docs,
// articles/sentinel, normalization-schema-audit.md (0.1), normalization-schema-authentication.md
// (0.1.3), normalization-schema-user-management.md (0.1.2), normalization-common-fields.md and
// normalization-entity-user.md. Guest and the newer values of ObjectType are those of
// ASimTester.csv in Azure/Azure-Sentinel.
type asimColumn struct {
	name, kind string
	// AuditEvent, Authentication, UserManagement: "!" mandatory, "+" may be there, "-" no column of
	// it
	in     string
	values string // of an enumeration; a blank inside one is written as _
}

const (
	asimUserTypes   = "Regular Machine Admin System Application Service_Principal Service Guest Anonymous Other"
	asimIDTypes     = "SID UID AADID OktaId AWSId PUID SalesforceId Other"
	asimNameTypes   = "UPN Windows DN Simple"
	asimAuditTypes  = "Set Read Create Delete Execute Install Clear Enable Disable Other"
	asimLoginTypes  = "Logon Logoff Elevate"
	asimPeopleTypes = "UserCreated UserDeleted UserModified UserLocked UserUnlocked UserDisabled UserEnabled PasswordChanged PasswordReset " +
		"GroupCreated GroupDeleted GroupModified UserAddedToGroup UserRemovedFromGroup GroupEnumerated UserRead GroupRead"
	asimDetails = "No_such_user_or_password No_such_user Incorrect_password Incorrect_key Account_expired Password_expired User_locked User_disabled Logon_violates_policy Session_expired Other"
)

var asimColumns = []asimColumn{
	{"TimeGenerated", "datetime", "!!!", ""},
	{"EventStartTime", "datetime", "!!!", ""},
	{"EventEndTime", "datetime", "!!!", ""},
	{"EventCount", "int", "!!!", ""},
	{"EventSchema", "string", "!!!", "AuditEvent Authentication UserManagement"},
	{"EventSchemaVersion", "string", "!!!", "0.1 0.1.3 0.1.2"},
	{"EventVendor", "string", "!!!", "Atlassian"},
	{"EventProduct", "string", "!!!", "Confluence Jira Organization"},
	{"EventType", "string", "!!!", asimAuditTypes + "|" + asimLoginTypes + "|" + asimPeopleTypes},
	{"EventResult", "string", "!!!", "Success Partial Failure NA"},
	{"EventResultDetails", "string", "-+-", asimDetails},
	{"EventSeverity", "string", "!!!", "Informational Low Medium High"},
	{"EventMessage", "string", "+++", ""},
	{"EventOriginalUid", "string", "+++", ""},
	{"EventOriginalType", "string", "+++", ""},
	{"EventOriginalSubType", "string", "+++", ""},
	{"Dvc", "string", "!!!", ""},
	{"Operation", "string", "!--", ""},
	{"Object", "string", "!--", ""},
	{"ObjectId", "string", "+--", ""},
	{"ObjectType", "string", "!--", "Configuration_Atom Policy_Rule Event_Log Scheduled_Task Service Directory_Service_Object Cloud_Resource Other"},
	{"OldValue", "string", "+--", ""},
	{"NewValue", "string", "+--", ""},
	{"ValueType", "string", "+--", "Other"},
	{"ActorUserId", "string", "+++", ""},
	{"ActorUserIdType", "string", "+++", asimIDTypes},
	{"ActorUsername", "string", "++!", ""},
	{"ActorUsernameType", "string", "+++", asimNameTypes},
	{"ActorUserType", "string", "+++", asimUserTypes},
	{"ActorOriginalUserType", "string", "+++", ""},
	{"TargetUserId", "string", "-++", ""},
	{"TargetUserIdType", "string", "-++", asimIDTypes},
	{"TargetUsername", "string", "-++", ""},
	{"TargetUsernameType", "string", "-++", asimNameTypes},
	{"TargetUserType", "string", "-++", asimUserTypes},
	{"GroupId", "string", "--+", ""},
	{"GroupName", "string", "--+", ""},
	{"GroupNameType", "string", "--+", asimNameTypes},
	{"PreviousPropertyValue", "string", "--+", ""},
	{"NewPropertyValue", "string", "--+", ""},
	{"SrcIpAddr", "string", "+++", ""},
	{"TargetAppName", "string", "++-", "Confluence Jira Organization"},
	{"TargetAppType", "string", "++-", "Process Service Resource URL SaaS_application CSP Other"},
	{"TargetUrl", "string", "++-", ""},
	{"AdditionalFields", "dynamic", "+++", ""},
}

var asimSchemas = []string{"AuditEvent", "Authentication", "UserManagement"}

// asimPairs: the second is conditional on the first.
var asimPairs = [][2]string{{"ActorUserId", "ActorUserIdType"}, {"ActorUsername", "ActorUsernameType"}, {"TargetUserId", "TargetUserIdType"},
	{"TargetUsername", "TargetUsernameType"}, {"TargetAppName", "TargetAppType"}, {"NewValue", "ValueType"}, {"OldValue", "ValueType"}}

func validASIM(event object) error {
	schema := slices.Index(asimSchemas, fmt.Sprint(event.get("EventSchema")))
	if schema < 0 {
		return fmt.Errorf("EventSchema is %v", event.get("EventSchema"))
	}
	for _, column := range asimColumns {
		if column.in[schema] == '!' && event.get(column.name) == nil {
			return fmt.Errorf("no %s", column.name)
		}
	}
	for _, pair := range asimPairs {
		if event.get(pair[0]) != nil && event.get(pair[1]) == nil {
			return fmt.Errorf("%s without %s", pair[0], pair[1])
		}
	}
	for _, m := range event {
		i := slices.IndexFunc(asimColumns, func(c asimColumn) bool { return c.name == m.Name })
		if i < 0 || asimColumns[i].in[schema] == '-' {
			return fmt.Errorf("no column %s in %s", m.Name, asimSchemas[schema])
		}
		if err := asimValue(asimColumns[i], schema, m.Value); err != nil {
			return err
		}
	}
	if version := strings.Fields("0.1 0.1.3 0.1.2")[schema]; event.get("EventSchemaVersion") != version {
		return fmt.Errorf("version %v of %s", event.get("EventSchemaVersion"), asimSchemas[schema])
	}
	return nil
}

func asimValue(column asimColumn, schema int, value any) error {
	text, ok := value.(string)
	ok = ok && text != "" && len(text) <= 32766
	var err error
	switch column.kind {
	case "datetime":
		_, err = time.Parse(time.RFC3339Nano, text)
	case "int":
		_, ok = number(value)
	case "dynamic":
		_, ok = value.(object)
	}
	if column.name == "SrcIpAddr" {
		_, err = netip.ParseAddr(text)
	}
	if values := strings.Split(column.values, "|"); values[0] != "" {
		ok = slices.Contains(strings.Fields(values[schema%len(values)]), strings.ReplaceAll(text, " ", "_"))
	}
	if !ok || err != nil {
		return fmt.Errorf("%s is %.100v, want %s %s", column.name, value, column.kind, column.values)
	}
	return nil
}

// TestASIMColumns holds the table of columns in docs/schemas.md against what the events have: a
// table in Azure needs each of them, and has no use for others.
func TestASIMColumns(t *testing.T) {
	has := map[string]bool{}
	see := func(own time.Time, raw []byte) {
		event := line(t, "asim", false, own, raw)
		for _, m := range event {
			has[m.Name+" of "+event.get("EventSchema").(string)] = true
		}
	}
	for _, raw := range actionSamples(t) {
		see(timeOf(raw), raw)
	}
	const login = `"type":{"actionI18nKey":"audit.logging.summary.login.success"},"description":"x","affectedObjects":[{"name":"bob","type":"User","id":"k2"}]`
	see(own, []byte(`{"author":{"id":"k1","name":"Ada","type":"user"},`+login+`}`))
	see(own, []byte(`{"author":{"accountId":"k1","displayName":"Ada"},"summary":"User deactivated","description":"x","affectedObject":{"name":"5b10a2844c20165700ede21d","objectType":"User"},"changedValues":[{"name":"a","oldValue":"b","newValue":"c"}]}`))
	see(own, []byte(`{"author":{"accountId":"k1","displayName":"Ada"},"summary":"User added to group","affectedObject":{"name":"g:7c1d9a30-2f44-4c5b-8a5e-0d6b3c2f1e99","objectType":"Group"}}`))
	table := "| Column | Type | AuditEvent | Authentication | UserManagement |\n| :--- | :--- | :--- | :--- | :--- |\n"
	for _, column := range asimColumns {
		table += fmt.Sprintf("| `%s` | %s |", column.name, column.kind)
		for i, schema := range asimSchemas {
			mark := map[byte]string{'!': " always |", '+': " yes |", '-': " |"}[column.in[i]]
			if want := column.in[i] != '-'; has[column.name+" of "+schema] != want {
				t.Errorf("an event of %s has %s: %v, want %v", schema, column.name, !want, want)
			}
			table += mark
		}
		table += "\n"
	}
	if err := manual.Check("../../docs/schemas.md", "asim", table, *update); err != nil {
		t.Error(err)
	}
}
