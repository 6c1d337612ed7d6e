package record

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// asimColumns are the columns used of the Audit Event schema 0.1 and of the common fields of ASIM, from Microsoft's
// documentation (MicrosoftDocs/azure-docs, articles/sentinel/normalization-schema-audit.md and
// normalization-common-fields.md): type, "!" where mandatory, and the values of enumerations.
var asimColumns = map[string]string{
	"TimeGenerated": "datetime!", "EventStartTime": "datetime!", "EventEndTime": "datetime!", "EventCount": "int!",
	"EventType":   "enum! Set Read Create Delete Execute Install Clear Enable Disable Other",
	"EventResult": "enum! Success Partial Failure NA", "EventSeverity": "enum Informational Low Medium High",
	"EventSchema": "enum! AuditEvent", "EventSchemaVersion": "enum! 0.1", "EventVendor": "string!", "EventProduct": "string!",
	"EventOriginalUid": "string", "EventOriginalType": "string", "EventOriginalSubType": "string", "EventMessage": "string",
	"Dvc": "string!", "Operation": "string!", "Object": "string!",
	"ObjectType":         "enum! Cloud_Resource Configuration_Atom Policy_Rule Other",
	"OriginalObjectType": "string", "OldValue": "string", "NewValue": "string", "ValueType": "enum Other",
	"ActorUserId": "string", "ActorUserIdType": "enum SID UID AADID OktaId AWSId PUID SalesforceId Other",
	"ActorUsername": "string", "ActorUsernameType": "enum UPN Windows DN Simple",
	"ActorUserType":         "enum Regular Machine Admin System Application Service_Principal Service Anonymous Other",
	"ActorOriginalUserType": "string", "SrcIpAddr": "ip",
	"TargetAppName": "string", "TargetAppType": "enum Process Service Resource URL SaaS_application CSP Other", "TargetUrl": "string",
	"AdditionalFields": "dynamic",
}

// asimPairs: the second is conditional on the first.
var asimPairs = [][2]string{{"ActorUserId", "ActorUserIdType"}, {"ActorUsername", "ActorUsernameType"}, {"TargetAppName", "TargetAppType"}, {"NewValue", "ValueType"}, {"OldValue", "ValueType"}}

func validASIM(event object) error {
	for name, column := range asimColumns {
		kind, _, _ := strings.Cut(column, " ")
		if strings.HasSuffix(kind, "!") && event.get(name) == nil {
			return fmt.Errorf("no %s", name)
		}
	}
	for _, pair := range asimPairs {
		if event.get(pair[0]) != nil && event.get(pair[1]) == nil {
			return fmt.Errorf("%s without %s", pair[0], pair[1])
		}
	}
	for _, m := range event {
		column, ok := asimColumns[m.Name]
		if !ok {
			return fmt.Errorf("no column %s", m.Name)
		}
		kind, values, _ := strings.Cut(column, " ")
		text, isText := m.Value.(string)
		ok = isText && text != "" && len(text) <= 32766
		var err error
		switch strings.TrimSuffix(kind, "!") {
		case "datetime":
			_, err = time.Parse(time.RFC3339Nano, text)
		case "int":
			_, ok = number(m.Value)
		case "ip":
			_, err = netip.ParseAddr(text)
		case "enum":
			ok = slices.Contains(strings.Fields(values), strings.ReplaceAll(text, " ", "_"))
		case "dynamic":
			_, ok = m.Value.(object)
		}
		if !ok || err != nil {
			return fmt.Errorf("%s is %.100v, want %s", m.Name, m.Value, column)
		}
	}
	return nil
}
