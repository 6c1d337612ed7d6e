package ecs

import (
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/meaning/action"
)

// names holds up to two names, without an allocation.
type names [2]string

func (n *names) list() []string {
	switch {
	case n[0] == "":
		return nil
	case n[1] == "":
		return n[:1]
	}
	return n[:]
}

// categoriesOf returns event.category and event.type. ECS allows only certain types in a category.
// A permission has the category of the user or group that has it; in Jira it has the one that
// Elastic's integration gives it.
func categoriesOf(a *action.Action, product *event.Product, hasUser, hasGroup bool) (categories, types names) {
	switch a.Object {
	case action.Unknown:
		if a.Verb == action.Other {
			return names{}, names{"info"}
		}
		return names{}, names{typeOf(a.Verb)}
	case action.User:
		return names{"iam"}, names{"user", typeOf(a.Verb)}
	case action.Group, action.Member:
		return names{"iam"}, names{"group", typeOf(a.Verb)}
	case action.Credential:
		return names{"iam"}, names{"admin", typeOf(a.Verb)}
	case action.Permission:
		what := "change"
		switch a.Verb {
		case action.Grant, action.Create, action.Add:
			what = "creation"
		case action.Revoke, action.Delete, action.Remove:
			what = "deletion"
		}
		switch {
		case product.IsJira():
		case hasGroup:
			return names{"iam", "configuration"}, names{"group", what}
		case hasUser:
			return names{"iam", "configuration"}, names{"user", what}
		}
		return names{"iam", "configuration"}, names{"admin", what}
	case action.Session:
		switch {
		case a.Failed():
			return names{"authentication"}, names{"info"}
		case a.Verb == action.Logout:
			return names{"authentication"}, names{"end"}
		}
		return names{"authentication"}, names{"start"}
	case action.App:
		switch a.Verb {
		case action.Install:
			return names{"configuration", "package"}, names{"creation", "installation"}
		case action.Uninstall:
			return names{"configuration", "package"}, names{"deletion"}
		}
	}
	return names{"configuration"}, names{typeOf(a.Verb)}
}

func typeOf(v action.Verb) string {
	switch v {
	case action.Create, action.Import:
		return "creation"
	case action.Delete, action.Empty:
		return "deletion"
	case action.Read, action.Search, action.Export:
		return "access"
	case action.Run:
		return "info"
	}
	return "change"
}

// CategoriesOf returns event.category and event.type for an action of a product, if the record
// names the user and the group.
func CategoriesOf(a *action.Action, product string) (categories, types []string) {
	c, t := categoriesOf(a, event.ProductOf(product), true, true)
	return c.list(), t.list()
}
