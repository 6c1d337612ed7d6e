package record

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// The definitions below are those of github.com/ocsf/ocsf-schema at 1.4.0: events/ and objects/ with what they extend,
// types from dictionary.json. "!" is required, "[]" a list. Left out are only the types of attributes that nobody here
// writes: an attribute that is not listed is an error.

const ocsfBaseEvent = `activity_id:integer_t! activity_name:string_t category_name:string_t category_uid:integer_t! class_name:string_t
	class_uid:integer_t! count:integer_t message:string_t metadata:metadata! observables:observable[] raw_data:string_t severity:string_t
	severity_id:integer_t! status:string_t status_code:string_t status_detail:string_t status_id:integer_t time:timestamp_t!
	timezone_offset:integer_t type_name:string_t type_uid:long_t! unmapped:object `

const ocsfIAM = ocsfBaseEvent + `actor:actor src_endpoint:network_endpoint `

var ocsfClasses = map[int64]struct {
	name, category string
	categoryUID    int64
	attributes     string
	activities     map[int64]string
}{
	0: {"Base Event", "Uncategorized", 0, ocsfBaseEvent, nil},
	3001: {"Account Change", "Identity & Access Management", 3, ocsfIAM + `user:user! user_result:user`, map[int64]string{1: "Create", 2: "Enable", 3: "Password Change",
		4: "Password Reset", 5: "Disable", 6: "Delete", 7: "Attach Policy", 8: "Detach Policy", 9: "Lock", 10: "MFA Factor Enable", 11: "MFA Factor Disable", 12: "Unlock"}},
	3002: {"Authentication", "Identity & Access Management", 3, ocsfIAM + `user:user! service:service!`, // service or dst_endpoint
		map[int64]string{1: "Logon", 2: "Logoff", 3: "Authentication Ticket", 4: "Service Ticket Request", 5: "Service Ticket Renew", 6: "Preauth"}},
	3004: {"Entity Management", "Identity & Access Management", 3, ocsfIAM + `comment:string_t entity:managed_entity! entity_result:managed_entity`,
		map[int64]string{1: "Create", 2: "Read", 3: "Update", 4: "Delete", 5: "Move", 6: "Enroll", 7: "Unenroll", 8: "Enable", 9: "Disable", 10: "Activate",
			11: "Deactivate", 12: "Suspend", 13: "Resume"}},
	3005: {"User Access Management", "Identity & Access Management", 3, ocsfIAM + `privileges:string_t[]! resource:resource_details user:user!`,
		map[int64]string{1: "Assign Privileges", 2: "Revoke Privileges"}},
	3006: {"Group Management", "Identity & Access Management", 3, ocsfIAM + `group:group! privileges:string_t[] resource:resource_details user:user`,
		map[int64]string{1: "Assign Privileges", 2: "Revoke Privileges", 3: "Add User", 4: "Remove User", 5: "Delete", 6: "Create"}},
	6001: {"Web Resources Activity", "Application Activity", 6, ocsfBaseEvent + `actor:actor src_endpoint:network_endpoint web_resources:web_resource[]!`, // actor from the profile host
		map[int64]string{1: "Create", 2: "Read", 3: "Update", 4: "Delete", 5: "Search", 6: "Import", 7: "Export", 8: "Share"}},
}

var ocsfObjects = map[string]struct{ attributes, atLeastOne string }{
	"metadata": {`correlation_uid:string_t event_code:string_t labels:string_t[] log_level:string_t log_name:string_t log_provider:string_t
		logged_time:timestamp_t original_time:string_t processed_time:timestamp_t product:product! profiles:string_t[] sequence:integer_t
		tenant_uid:string_t uid:string_t version:string_t!`, ""},
	"product":          {`lang:string_t name:string_t path:string_t uid:string_t url_string:url_t vendor_name:string_t version:string_t`, "name uid"},
	"actor":            {`app_name:string_t app_uid:string_t user:user`, "app_name app_uid user"},
	"user":             {`domain:string_t email_addr:email_t full_name:string_t name:username_t type:string_t type_id:integer_t uid:string_t uid_alt:string_t`, "account name uid"},
	"group":            {`desc:string_t domain:string_t name:string_t privileges:string_t[] type:string_t uid:string_t`, "name uid"},
	"network_endpoint": {`hostname:hostname_t intermediate_ips:ip_t[] ip:ip_t name:string_t uid:string_t`, "ip uid name hostname"},
	"service":          {`name:string_t uid:string_t version:string_t`, "name uid"},
	"managed_entity":   {`data:json_t group:group name:string_t type:string_t type_id:integer_t uid:string_t user:user version:string_t`, "name uid group user"},
	"web_resource":     {`data:json_t desc:string_t name:string_t type:string_t uid:string_t url_string:url_t`, "name uid"},
	"resource_details": {`name:string_t type:string_t uid:string_t`, "name uid"},
	"observable":       {`name:string_t type:string_t type_id:integer_t! value:string_t`, ""},
}

// ocsfEnums are the values of enumerations; those of observable.type_id are the types of dictionary.json that are
// observable.
var ocsfEnums = map[string]map[int64]string{
	"severity_id":            {0: "Unknown", 1: "Informational", 2: "Low", 3: "Medium", 4: "High", 5: "Critical", 6: "Fatal"},
	"status_id":              {0: "Unknown", 1: "Success", 2: "Failure"},
	"user.type_id":           {0: "Unknown", 1: "User", 2: "Admin", 3: "System"},
	"managed_entity.type_id": {0: "Unknown", 1: "Device", 2: "User", 3: "Group", 4: "Organization", 5: "Policy", 6: "Email"},
	"observable.type_id":     {0: "Unknown", 1: "Hostname", 2: "IP Address", 4: "User Name", 5: "Email Address", 6: "URL String"},
}

var (
	ocsfEmail = regexp.MustCompile("^[a-zA-Z0-9!#$%&'*+-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\\.[a-zA-Z0-9-.]+$")
	ocsfIPv4  = regexp.MustCompile(`^((\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\.){3}(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$`)
	ocsfIPv6  = regexp.MustCompile(`^[0-9a-f:]*:[0-9a-f:.]*$`) // as strict as netip's spelling needs
)

func validOCSF(event object) error {
	uid, _ := number(event.get("class_uid"))
	class, ok := ocsfClasses[uid]
	if !ok {
		return fmt.Errorf("class %d", uid)
	}
	if err := ocsfMembers("", class.attributes, event); err != nil {
		return err
	}
	activity, _ := number(event.get("activity_id"))
	name, ok := class.activities[activity]
	switch {
	case activity == 0:
		name = "Unknown"
	case activity == 99:
		name = "Other"
	case !ok:
		return fmt.Errorf("activity %d of class %d", activity, uid)
	}
	if activity != 99 && event.get("activity_name") != name {
		return fmt.Errorf("activity %d is %s, not %v", activity, name, event.get("activity_name"))
	}
	if n, _ := number(event.get("type_uid")); n != uid*100+activity || event.get("type_name") != class.name+": "+name {
		return fmt.Errorf("type %d %v", n, event.get("type_name"))
	}
	if n, _ := number(event.get("category_uid")); n != class.categoryUID || event.get("category_name") != class.category || event.get("class_name") != class.name {
		return fmt.Errorf("category %d %v, class %v", n, event.get("category_name"), event.get("class_name"))
	}
	host := fmt.Sprint(lookup(event, "metadata", "profiles")) == "[host]"
	if event.get("actor") != nil && uid == 6001 && !host {
		return fmt.Errorf("an actor in class %d wants the profile host", uid)
	}
	if lookup(event, "metadata", "version") != "1.4.0" {
		return fmt.Errorf("version %v", lookup(event, "metadata", "version"))
	}
	return nil
}

// ocsfMembers checks an object of the named kind, empty for the event.
func ocsfMembers(kind, attributes string, o object) error {
	types := map[string]string{}
	for a := range strings.FieldsSeq(attributes) {
		name, of, _ := strings.Cut(a, ":")
		of, required := strings.CutSuffix(of, "!")
		if types[name] = of; required && o.get(name) == nil {
			return fmt.Errorf("%s has no %s", kind, name)
		}
	}
	for _, m := range o {
		of, ok := types[m.Name]
		if !ok {
			return fmt.Errorf("%s has no attribute %s", kind, m.Name)
		}
		if err := ocsfValue(of, m.Value); err != nil {
			return fmt.Errorf("%s.%s: %w", kind, m.Name, err)
		}
		if err := ocsfEnum(kind, m, o); err != nil {
			return err
		}
	}
	return nil
}

// ocsfEnum checks an enumeration and the text beside it.
func ocsfEnum(kind string, m member, o object) error {
	values := ocsfEnums[m.Name]
	if values == nil {
		values = ocsfEnums[kind+"."+m.Name]
	}
	if values == nil {
		return nil
	}
	n, _ := number(m.Value)
	name, ok := values[n]
	text, _ := o.get(strings.TrimSuffix(m.Name, "_id")).(string)
	if !ok && n != 99 || n != 99 && text != name || n == 99 && text == "" {
		return fmt.Errorf("%s.%s is %d %q", kind, m.Name, n, text)
	}
	return nil
}

func ocsfValue(of string, v any) error {
	if element, ok := strings.CutSuffix(of, "[]"); ok {
		list, ok := v.([]any)
		if !ok || len(list) == 0 {
			return fmt.Errorf("%v is no list", v)
		}
		for _, e := range list {
			if err := ocsfValue(element, e); err != nil {
				return err
			}
		}
		return nil
	}
	text, isText := v.(string)
	isText = isText && text != "" && utf8.RuneCountInString(text) <= 65535
	ok := false
	switch of {
	case "string_t", "username_t", "url_t", "hostname_t":
		ok = isText || text == "" && of == "string_t" && v != nil
	case "email_t":
		ok = isText && ocsfEmail.MatchString(text)
	case "ip_t":
		ok = isText && len(text) <= 40 && (ocsfIPv4.MatchString(text) || ocsfIPv6.MatchString(text))
	case "integer_t", "long_t", "timestamp_t":
		_, ok = number(v)
	case "object", "json_t":
		_, ok = v.(object)
	default:
		o, isObject := v.(object)
		definition, known := ocsfObjects[of]
		if !isObject || !known {
			return fmt.Errorf("%v is no %s", v, of)
		}
		anyOf := strings.Fields(definition.atLeastOne)
		if len(anyOf) > 0 && !slices.ContainsFunc(anyOf, func(name string) bool { return o.get(name) != nil }) {
			return fmt.Errorf("%s has none of %v", of, anyOf)
		}
		return ocsfMembers(of, definition.attributes, o)
	}
	if !ok {
		return fmt.Errorf("%.100v is no %s", v, of)
	}
	return nil
}

func number(v any) (int64, bool) {
	n, ok := v.(json.Number)
	i, err := n.Int64()
	return i, ok && err == nil
}
