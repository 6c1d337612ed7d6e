package schema

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// ecsFields are the fields this schema uses, with the types that github.com/elastic/ecs v8.11.0
// gives them in generated/ecs/ecs_flat.yml; a trailing [] where "normalize" says array.
var ecsFields = map[string]string{
	"@timestamp": "date", "ecs.version": "keyword", "error.message": "match_only_text",
	"event.kind": "keyword", "event.module": "keyword", "event.dataset": "keyword", "event.id": "keyword",
	"event.created": "date", "event.action": "keyword", "event.code": "keyword", "event.category": "keyword[]",
	"event.type": "keyword[]", "event.outcome": "keyword", "event.severity": "long", "event.reason": "keyword",
	"event.original": "keyword", "event.sequence": "long",
	"user.id": "keyword", "user.name": "keyword", "user.full_name": "keyword", "user.email": "keyword", "user.roles": "keyword[]",
	"user.target.id": "keyword", "user.target.name": "keyword", "user.target.full_name": "keyword", "user.target.email": "keyword",
	"user.target.group.id": "keyword", "user.target.group.name": "keyword",
	"user.changes.name": "keyword", "user.changes.full_name": "keyword", "user.changes.email": "keyword",
	"group.id": "keyword", "group.name": "keyword", "source.address": "keyword", "source.ip": "ip",
	"source.geo.country_name": "keyword", "source.geo.region_name": "keyword", "source.geo.city_name": "keyword", "url.full": "wildcard",
	"related.user": "keyword[]", "related.ip": "ip[]", "related.hosts": "keyword[]",
	"service.type": "keyword", "service.address": "keyword", "service.node.name": "keyword",
	"observer.vendor": "keyword", "observer.product": "keyword", "observer.type": "keyword", "organization.id": "keyword",
}

// ecsAuditFields are the fields below confluence.audit, jira.audit and atlassian_cloud.audit: object means an array of
// objects with any members, which Elastic's packages declare as flattened.
var ecsAuditFields = map[string]string{
	"type.action": "keyword", "type.actionI18nKey": "keyword", "type.category": "keyword", "type.categoryI18nKey": "keyword",
	"type.area": "keyword", "type.level": "keyword",
	"method": "keyword", "affected_objects": "flattened[]", "changed_values": "flattened[]", "extra_attributes": "flattened[]",
	"external_collaborator": "boolean", "guest": "boolean", "sys_admin": "boolean", "super_admin": "boolean",
	"author.kind": "keyword", "author.type": "keyword", "author.account_type": "keyword", "author.user_key": "keyword",
	"author.public_name": "keyword", "author.uri": "keyword", "other": "keyword",
	"atlassian.event_id": "keyword", "atlassian.deployment": "keyword", "atlassian.product": "keyword", "atlassian.site": "keyword",
	"atlassian.cloud_id": "keyword", "atlassian.late_seconds": "long", "atlassian.error": "keyword",
}

// ecsOrganizationFields are the fields that only atlassian_cloud.audit has.
var ecsOrganizationFields = map[string]string{
	"atlassian.org_id": "keyword", "atlassian.mirrored": "boolean", "atlassian.action_name": "keyword", "atlassian.action_group": "keyword",
	"id": "keyword", "auth.type": "keyword", "auth.token_id": "keyword", "auth.token_label": "keyword", "auth.session_id": "keyword",
}

// ecsTypesOf are the expected_event_types of the categories used, from the same file.
var ecsTypesOf = map[string][]string{
	"authentication": {"start", "end", "info"},
	"configuration":  {"access", "change", "creation", "deletion", "info"},
	"iam":            {"admin", "change", "creation", "deletion", "group", "info", "user"},
	"package":        {"access", "change", "deletion", "info", "installation", "start"},
}

func validECS(event object) error {
	for _, name := range []string{"@timestamp", "ecs.version", "event.kind", "event.type", "event.outcome", "event.id"} {
		if lookup(event, strings.Split(name, ".")...) == nil {
			return fmt.Errorf("no %s", name)
		}
	}
	if err := ecsObject("", event); err != nil {
		return err
	}
	for name, allowed := range map[string][]string{"kind": {"event", "pipeline_error"}, "outcome": {"success", "failure", "unknown"}} {
		if got := lookup(event, "event", name); !slices.Contains(allowed, got.(string)) {
			return fmt.Errorf("event.%s is %v", name, got)
		}
	}
	categories, _ := lookup(event, "event", "category").([]any)
	types, _ := lookup(event, "event", "type").([]any)
	for _, category := range categories {
		if !slices.ContainsFunc(types, func(t any) bool { return slices.Contains(ecsTypesOf[category.(string)], t.(string)) }) {
			return fmt.Errorf("category %v with none of its types in %v", category, types)
		}
	}
	for _, t := range types {
		if len(categories) > 0 && !slices.ContainsFunc(categories, func(c any) bool { return slices.Contains(ecsTypesOf[c.(string)], t.(string)) }) {
			return fmt.Errorf("type %v in none of the categories %v", t, categories)
		}
	}
	return nil
}

func ecsObject(path string, o object) error {
	for _, m := range o {
		name := path + m.Name
		kind, known := ecsFields[name]
		for _, product := range []string{"confluence", "jira", "atlassian_cloud"} {
			if audit, ok := strings.CutPrefix(name, product+".audit."); ok {
				if kind, known = ecsAuditFields[audit]; !known && product == "atlassian_cloud" {
					kind, known = ecsOrganizationFields[audit]
				}
			}
		}
		if !known {
			inner, ok := m.Value.(object)
			if !ok {
				return fmt.Errorf("%s is no field", name)
			}
			if err := ecsObject(name+".", inner); err != nil {
				return err
			}
			continue
		}
		if err := ecsValue(kind, m.Value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func ecsValue(kind string, v any) error {
	if element, ok := strings.CutSuffix(kind, "[]"); ok {
		list, ok := v.([]any)
		if !ok || len(list) == 0 {
			return fmt.Errorf("%v is no list of %s", v, element)
		}
		for _, e := range list {
			if err := ecsValue(element, e); err != nil {
				return err
			}
		}
		return nil
	}
	text, isText := v.(string)
	var err error
	ok := isText
	switch kind {
	case "date":
		_, err = time.Parse(time.RFC3339Nano, text)
	case "ip":
		_, err = netip.ParseAddr(text)
	case "long":
		var number json.Number
		if number, ok = v.(json.Number); ok {
			_, err = number.Int64()
		}
	case "boolean":
		_, ok = v.(bool)
	case "flattened":
		_, ok = v.(object)
	}
	if !ok || err != nil {
		return fmt.Errorf("%v is no %s", v, kind)
	}
	return nil
}

// lookup finds a value by its path, nil when there is none.
func lookup(o object, path ...string) any {
	v := any(o)
	for _, name := range path {
		inner, ok := v.(object)
		if !ok {
			return nil
		}
		v = inner.get(name)
	}
	return v
}
