package odd

import "strings"

var long = strings.Repeat("long ", 2000) + "line"

// pipeline is the text of a configuration with one input; the lines are its keys.
func pipeline(keys ...string) string {
	return "pipeline:\n  inputs:\n    - name: probe\n      " + strings.Join(keys, "\n      ") + "\n"
}

func yaml() []File {
	files := []File{
		{Name: "plain", Text: pipeline("api_url: u"), Want: url},
		{Name: "case", Text: "PIPELINE:\n  Inputs:\n    - Name: Probe\n      Api_Url: u\n", Want: url},
		{Name: "camel case", Text: pipeline("apiUrl: u"), Want: url},
		{Name: "camel case with a capital", Text: pipeline("ApiUrl: u"), Want: "apiurl=\"u\"\n"},
		{Name: "camel case with an underscore", Text: pipeline("apiUrl_: u", "api_Url: v"), Want: "api_url=\"v\"\n"},
		{Name: "byte order mark", Text: "\ufeff" + pipeline("api_url: u"), Want: url},
		{Name: "line ends of Windows", Text: strings.ReplaceAll(pipeline("api_url: u", "db: d"), "\n", "\r\n"), Want: "api_url=\"u\" db=\"d\"\n"},
		{Name: "tab indent", Text: "pipeline:\n\tinputs: []\n", Want: Refused},
		{Name: "empty", Text: "", Want: ""},
		{Name: "comment only", Text: "# nothing\n", Want: ""},
		{Name: "empty document", Text: "---\n" + pipeline("api_url: u") + "---\n", Want: Refused},
		{Name: "two documents", Text: "---\n" + pipeline("api_url: u") + "---\n" + pipeline("db: d"), Want: url + "db=\"d\"\n"},
		{Name: "document end", Text: pipeline("api_url: u") + "...\n", Want: url},
		{Name: "version", Text: "%YAML 1.1\n---\n" + pipeline("api_url: u"), Want: url},
		{Name: "list for a document", Text: "- a\n", Want: Refused},
		{Name: "numbers and words", Text: pipeline("api_url: 0500", "api_token: on", "db: 1e3"), Want: "api_url=\"0500\" api_token=\"on\" db=\"1e3\"\n"},
		{Name: "null", Text: pipeline("db:", "db: d", "api_token: null", "api_url: ~"), Want: "api_url=\"~\" api_token=\"null\"\n"},
		{Name: "quoted", Text: pipeline(`api_url: "u\tv"`, `db: ' d '`), Want: "api_url=\"u\\tv\" db=\"d\"\n"},
		{Name: "blanks only", Text: pipeline(`api_url: "  "`), Want: Refused},
		{Name: "zero byte", Text: pipeline(`api_url: "u\0v"`), Want: url},
		{Name: "lines", Text: pipeline("api_url: |", "  a", "  b", "db: >", "  c", "  d"), Want: "api_url=\"a\\nb\" db=\"c d\"\n"},
		{Name: "tag", Text: pipeline("api_url: !!str u", "db: !!binary ZA=="), Want: "api_url=\"u\" db=\"ZA==\"\n"},
		{Name: "key with blanks", Text: pipeline(`" api_url ": u`), Want: url},
		{Name: "key empty", Text: pipeline(`"": u`), Want: Refused},
		{Name: "key not text", Text: pipeline("[a]: u"), Want: Refused},
		{Name: "key twice", Text: pipeline("api_url: u", "api_url: v"), Want: url},
		{Name: "list", Text: pipeline(`api_url: [u, v]`, `db: [" d "]`), Want: "api_url=\"u\" db=\" d \"\n"},
		{Name: "list empty", Text: pipeline("api_url: []"), Want: Refused},
		{Name: "list of maps", Text: pipeline("api_url: [{a: b}]"), Want: Refused},
		{Name: "list of lists", Text: pipeline("api_url: [[u]]"), Want: Refused},
		{Name: "map", Text: pipeline("api_url: {a: b}"), Want: Refused},
		{Name: "map empty", Text: pipeline("api_url: {}"), Want: Refused},
		{Name: "anchor", Text: pipeline("api_url: &a u"), Want: url},
		{Name: "alias", Text: pipeline("db: &a u", "api_url: *a"), Want: Refused},
		{Name: "merge", Text: "x: &a\n  api_url: u\n" + pipeline("<<: *a"), Want: Refused},
		{Name: "name missing", Text: "pipeline:\n  inputs:\n    - api_url: u\n", Want: Refused},
		{Name: "name empty", Text: "pipeline:\n  inputs:\n    - name:\n", Want: Refused},
		{Name: "name in a list", Text: "pipeline:\n  inputs:\n    - name: [probe]\n", Want: Refused},
		{Name: "name missing of an output", Text: pipeline("api_url: u") + "  outputs:\n    - match: x\n", Want: Refused},
		{Name: "pipeline empty", Text: "pipeline:\n", Want: Refused},
		{Name: "pipeline of lists", Text: "pipeline:\n  - inputs: []\n", Want: Refused},
		{Name: "pipeline with another part", Text: pipeline("api_url: u") + "  processors: []\n", Want: Refused},
		{Name: "pipeline twice", Text: pipeline("api_url: u") + pipeline("db: d"), Want: url + "db=\"d\"\n"},
		{Name: "inputs empty", Text: "pipeline:\n  inputs:\n", Want: Refused},
		{Name: "inputs an empty list", Text: "pipeline:\n  inputs: []\n", Want: ""},
		{Name: "inputs a map", Text: "pipeline:\n  inputs:\n    name: probe\n", Want: Refused},
		{Name: "inputs with text", Text: "pipeline:\n  inputs:\n    - probe\n", Want: Refused},
		{Name: "inputs at the top", Text: "inputs:\n  name: probe\n  api_url: u\n", Want: url},
		{Name: "inputs at the top as a list", Text: "inputs:\n  - name: probe\n", Want: Refused},
		{Name: "another section", Text: "x-common:\n  a: b\n" + pipeline("api_url: u"), Want: url},
		{Name: "another section with a list", Text: "x-common: [a]\n" + pipeline("api_url: u"), Want: Refused},
		{Name: "another section with a map", Text: "x-common:\n  a: {b: c}\n" + pipeline("api_url: u"), Want: Refused},
		{Name: "service twice", Text: "service:\n  flush: 1\nservice:\n  flush: 1\n" + pipeline("api_url: u"), Want: Refused},
		{Name: "service with a list", Text: "service:\n  flush: [1]\n" + pipeline("api_url: u"), Want: Refused},
		{Name: "service with a map", Text: "service:\n  flush: {a: b}\n" + pipeline("api_url: u"), Want: Refused},
		{Name: "parsers", Text: "parsers:\n  - name: p\n    format: json\n" + pipeline("api_url: u"), Want: url},
		{Name: "parsers in a map", Text: "parsers:\n  name: p\n" + pipeline("api_url: u"), Want: Refused},
		{Name: "processors", Text: pipeline("processors:", "  logs:", "    - name: content_modifier", "      action: insert", "      key: a", "      value: b", "api_url: u"), Want: url},
		{Name: "processors of another kind", Text: pipeline("processors:", "  audits: []"), Want: Refused},
		{Name: "processors in a list", Text: pipeline("processors: [a]", "api_url: u"), Want: url, Stricter: "it does nothing"},
		{Name: "env", Text: pipeline("api_url: ${A}") + "env:\n  A: u\n", Want: url},
		{Name: "env before the environment", Text: "env:\n  ODD_SET: u\n" + pipeline("api_url: ${ODD_SET}"), Want: url},
		{Name: "env twice", Text: "env:\n  A: x\n  A: u\n" + pipeline("api_url: ${A}"), Want: url},
		{Name: "env not expanded", Text: "env:\n  A: ${ODD_SET}\n" + pipeline("api_url: ${A}"), Want: "api_url=\"${ODD_SET}\"\n"},
		{Name: "env with blanks", Text: "env:\n  A: ' u '\n" + pipeline("api_url: ${A}"), Want: "api_url=\" u \"\n"},
		{Name: "env empty", Text: "env:\n  ODD_SET:\n" + pipeline("api_url: u${ODD_SET}", "db: ${ODD_SET:-d}"), Want: "api_url=\"u\" db=\"d\"\n"},
		{Name: "env without a name", Text: "env:\n  '': a\n" + pipeline("api_url: u"), Want: Refused},
		{Name: "env with a map", Text: "env:\n  A: {b: c}\n" + pipeline("api_url: u"), Want: Refused},
		{Name: "env nothing", Text: "env:\n" + pipeline("api_url: u"), Want: Refused},
		{Name: "env list", Text: "env:\n  - name: A\n    value: u\n  - B: d\n  - value: lost\n" + pipeline("api_url: ${A}", "db: ${B}"), Want: "api_url=\"u\" db=\"d\"\n"},
		{Name: "env list of texts", Text: "env:\n  - A=u\n" + pipeline("api_url: u"), Want: Refused},
		{Name: "env file", Text: "env:\n  A: file://DIR/a\n" + pipeline("api_url: ${A}"), More: map[string]string{"a": "u\n"}, Want: url},
		{Name: "env file by uri", Text: "env:\n  - name: A\n    value: x\n    uri: file://DIR/a\n    refresh_interval: 60\n" + pipeline("api_url: ${A}"), More: map[string]string{"a": "u"}, Want: url},
		{Name: "env uri of text", Text: "env:\n  - name: A\n    uri: u\n" + pipeline("api_url: ${A}"), Want: url},
		{Name: "env file of the current folder", Main: "conf/fluent-bit.yaml", Text: "env:\n  A: file://a\n" + pipeline("api_url: ${A}"), More: map[string]string{"a": "u"}, Want: url},
		{Name: "env file with two line ends", Text: "env:\n  A: file://DIR/a\n" + pipeline("api_url: ${A}"), More: map[string]string{"a": "u\n\n"}, Want: "api_url=\"u\\n\"\n"},
		{Name: "env file with a line end of Windows", Text: "env:\n  A: file://DIR/a\n" + pipeline("api_url: ${A}"), More: map[string]string{"a": "u\r\n"}, Want: "api_url=\"u\\r\"\n"},
		{Name: "env file missing", Text: "env:\n  A: file://DIR/a\n" + pipeline("api_url: u"), Want: Refused},
		{Name: "env file empty", Text: "env:\n  A: file://DIR/a\n" + pipeline("api_url: u"), More: map[string]string{"a": "\n"}, Want: Refused},
		{Name: "include", Main: "conf/fluent-bit.yaml", Text: "includes:\n  - sub/a.yaml\n", More: map[string]string{"conf/sub/a.yaml": "includes: [b.yaml]\n", "conf/sub/b.yaml": pipeline("api_url: u")}, Want: url},
		{Name: "include text", Text: "includes: a.yaml\n", More: map[string]string{"a.yaml": pipeline("api_url: u")}, Want: Refused},
		{Name: "include nothing", Text: "includes: [none.yaml]\n", Want: Refused},
		{Name: "include no match", Text: "includes: [none*.yaml]\n" + pipeline("api_url: u"), Want: url},
		{Name: "include no match, path absolute", Text: "includes: [DIR/none*.yaml]\n" + pipeline("api_url: u"), Want: Refused},
		{Name: "include twice", Text: "includes: [a.yaml, a.yaml]\n", More: map[string]string{"a.yaml": pipeline("api_url: u")}, Want: Refused},
		{Name: "include twice under two names", Text: "includes: [a.yaml, ./a.yaml]\n", More: map[string]string{"a.yaml": pipeline("api_url: u")}, Want: url + url},
		{Name: "include a pattern", Text: "includes: ['a*.yaml']\n", More: map[string]string{"ab.yaml": pipeline("api_url: u")}, Want: url},
		{Name: "include a pattern of a folder", Main: "conf/fluent-bit.yaml", Text: "includes: ['a*.yaml']\n", More: map[string]string{"conf/ab.yaml": pipeline("api_url: u")}, Want: Refused},
		{Name: "include a pattern, all paths absolute", Main: "DIR/conf/fluent-bit.yaml", Text: "includes: ['a*.yaml']\n", More: map[string]string{"conf/ab.yaml": pipeline("api_url: u")}, Want: url},
		{Name: "include classic", Text: "includes: [a.conf]\n", More: map[string]string{"a.conf": "[INPUT]\n    name probe\n"}, Want: Refused},
		{Name: "include YAML called classic", Text: "includes: [a.conf]\n", More: map[string]string{"a.conf": pipeline("api_url: u")}, Want: url},
		{Name: "extension in capitals", Main: "fluent-bit.YML", Text: pipeline("api_url: u"), Want: url},
	}
	for i := range files {
		files[i].Name = "yaml " + files[i].Name
		if files[i].Main == "" {
			files[i].Main = "fluent-bit.yaml"
		}
	}
	return files
}
