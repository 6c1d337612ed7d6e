package schema

import (
	"fmt"
	"strings"
	"testing"
)

func TestCIM(t *testing.T) {
	t.Parallel()
	const quoted = `"author":{"accountId":"a1","displayName":"Siobhán \"Shiv\" O'Brien"}`
	login := func(key string) string {
		return `{"author":{"name":"Ada","id":"k1","uri":"?username=ada"},"type":{"actionI18nKey":"audit.logging.summary.` + key + `"},
			"affectedObjects":[{"name":"ada","type":"User","id":"k1"}]}`
	}
	for name, c := range map[string]struct{ raw, want string }{
		"an author with quotation marks": {`{"summary":"Space created",` + quoted + `}`,
			"user=a1 user_name=<nil> user_id=a1 user_type=user src_user=<nil>"},
		"a user with quotation marks": {`{"summary":"User deactivated",` + quoted + `,"affectedObject":{"name":"\"X\"","objectType":"User"}}`,
			"user=<nil> user_name=<nil> user_type=user src_user=a1 src_user_name=<nil>"},
		"a lockout": {`{"summary":"User locked","description":"x","affectedObject":{"name":"bob","objectType":"User"}}`, "action=modified result=lockout user=bob"},
		"a look at a restricted page": {`{"author":{"name":"Ada","id":"k1"},"type":{"actionI18nKey":"audit.logging.summary.security.restricted.page.not.permitted"}}`,
			"confluence.data_model=Change action=read status=failure result=refused user=Ada"},
		"a login": {login("login.success"), "confluence.data_model=Authentication action=success user=ada user_type=user src_user=<nil>"},
		"an administrator's session": {login("websudo.login"),
			"confluence.data_model=Authentication action=success user=ada user_type=user src_user=ada src_user_type=user"},
		"a logout": {login("user.logout"), "confluence.data_model=Change action=stopped change_type=AAA object_category=session object=ada user=ada status=success"},
		"a login of somebody else": {`{"author":{"name":"Ada","id":"k1"},"type":{"actionI18nKey":"audit.logging.summary.login.success"},"affectedObjects":[{"name":"bob","type":"User","id":"k2"}]}`,
			"user=bob user_id=k2 src_user=Ada src_user_id=k1"},
		"a refused login of nobody": {`{"author":{"name":"Anonymous","id":"-2"},"type":{"actionI18nKey":"audit.logging.summary.login.failed"}}`,
			"action=failure user=<nil> user_id=<nil> src_user=<nil>"},
	} {
		event := line(t, "cim", false, own, []byte(c.raw))
		for w := range strings.FieldsSeq(c.want) {
			path, value, _ := strings.Cut(w, "=")
			if got := fmt.Sprint(lookup(event, strings.Split(path, ".")...)); got != value {
				t.Errorf("%s: %s is %s, want %s", name, path, got, value)
			}
		}
	}
}
