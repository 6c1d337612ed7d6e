package schema

import (
	"fmt"
	"slices"
	"strings"
)

// The fields of Splunk's Common Information Model 4.20, data models Change (All_Changes,
// Account_Management) and Authentication, as github.com/splunk/pytest-splunk-addon has them in
// data_models and in its copy of Splunk_SA_CIM. All are strings; "!" is required, "[]" a list, a
// value after the name is expected. The models call fields required that they fill with "unknown"
// themselves: of those an event may lack src, object, object_id, object_attrs, status and user,
// which a record need not have. The last line of each is what events have besides.
const (
	cimChangeFields = `action!=acl_modified,cleared,created,deleted,modified,read,stopped,updated,started,restarted,unknown change_type! command
		dest! dvc! object object_attrs[] object_category! object_id object_path result result_id src status=success,failure user user_name
		user_type vendor_product! src_user src_user_name src_user_type
		time! event_id! src_ip user_id src_user_id signature signature_id`
	cimLoginFields = `action!=success,failure,pending,error app! dest! dvc src user user_id user_type src_user src_user_id src_user_type reason
		signature signature_id vendor_product!
		time! event_id! src_ip`
)

// cimUnquoted are the fields whose validity in the models is that they have no quotation mark, and
// those of users, which searches put between quotation marks.
var cimUnquoted = []string{"action", "object_attrs", "object_id", "object_path",
	"user", "user_name", "user_id", "src_user", "src_user_name", "src_user_id"}

func validCIM(event object) error {
	extra, ok := event[len(event)-1].Value.(object)
	product, _ := lookup(extra, "atlassian", "product").(string)
	if product == "organization" {
		product = "atlassian_cloud"
	}
	if !ok || event[len(event)-1].Name != product {
		return fmt.Errorf("no object %s at the end of %v", product, event)
	}
	model := map[any]string{"Change": cimChangeFields, "Authentication": cimLoginFields}[extra.get("data_model")]
	fields := map[string]string{}
	for f := range strings.FieldsSeq(model) {
		name, values, _ := strings.Cut(f, "=")
		name, list := strings.CutSuffix(name, "[]")
		name, required := strings.CutSuffix(name, "!")
		if required && event.get(name) == nil {
			return fmt.Errorf("no %s", name)
		}
		fields[name] = values
		if list {
			fields[name] = "[]"
		}
	}
	for _, m := range event[:len(event)-1] {
		values, ok := fields[m.Name]
		if !ok {
			return fmt.Errorf("no field %s", m.Name)
		}
		texts := []any{m.Value}
		if values == "[]" {
			texts, _ = m.Value.([]any)
		}
		for _, v := range texts {
			text, ok := v.(string)
			if !ok || text == "" || values != "" && values != "[]" && !slices.Contains(strings.Split(values, ","), text) ||
				slices.Contains(cimUnquoted, m.Name) && strings.Contains(text, `"`) {
				return fmt.Errorf("%s is %.100v", m.Name, m.Value)
			}
		}
	}
	if event.get("status") == "failure" && event.get("result") == nil {
		return fmt.Errorf("a failure without a result")
	}
	return nil
}
