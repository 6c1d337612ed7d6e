package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// ocsfSchema is the part of a version of OCSF that the events are made of, with what each class and
// object extends and includes already in it. Of a version there is a file in testdata/ocsf, see the
// README there.
type ocsfSchema struct {
	Version string              `json:"version"`
	Types   map[string]ocsfType `json:"types"`
	Classes map[string]ocsfItem `json:"classes"` // by class_uid
	Objects map[string]ocsfItem `json:"objects"`
}

// ocsfType is a type of values: one of its own, or another with limits.
type ocsfType struct {
	Base       string `json:"type,omitempty"`
	Regex      string `json:"regex,omitempty"`
	MaxLen     int    `json:"max_len,omitempty"`
	Observable int    `json:"observable,omitempty"` // the observable.type_id of such a value
}

// ocsfItem is a class or an object.
type ocsfItem struct {
	Caption    string                   `json:"caption"`
	Deprecated string                   `json:"deprecated,omitempty"` // the version since which
	AtLeastOne []string                 `json:"at_least_one,omitempty"`
	JustOne    []string                 `json:"just_one,omitempty"`
	Attributes map[string]ocsfAttribute `json:"attributes,omitempty"`
}

type ocsfAttribute struct {
	Type       string `json:"type"` // or the name of an object
	Array      bool   `json:"array,omitempty"`
	Required   bool   `json:"required,omitempty"`
	Profile    string `json:"profile,omitempty"` // the profile that brings the attribute
	Deprecated string `json:"deprecated,omitempty"`
	// the attribute with the text of the value
	Sibling    string            `json:"sibling,omitempty"`
	Observable int               `json:"observable,omitempty"`
	Enum       map[string]string `json:"enum,omitempty"`
}

var ocsfSchemas sync.Map // of *ocsfSchema by version

// ocsfSchemaOf is a version of OCSF.
func ocsfSchemaOf(version string) (*ocsfSchema, error) {
	if s, ok := ocsfSchemas.Load(version); ok {
		return s.(*ocsfSchema), nil
	}
	text, err := os.ReadFile(filepath.Join("testdata", "ocsf", "1.8.0.json"))
	if err == nil && version != "1.8.0" {
		text, err = patched(text, filepath.Join("testdata", "ocsf", version+".patch.json"))
	}
	s := new(ocsfSchema)
	if err == nil {
		err = json.Unmarshal(text, s)
	}
	if err != nil {
		return nil, fmt.Errorf("read version %q of OCSF: %w", version, err)
	}
	ocsfSchemas.Store(version, s)
	return s, nil
}

func patched(text []byte, file string) ([]byte, error) {
	var whole, patch any
	patchText, err := os.ReadFile(file)
	if err == nil {
		err = errors.Join(json.Unmarshal(text, &whole), json.Unmarshal(patchText, &patch))
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(mergePatch(whole, patch))
}

// mergePatch applies a JSON merge patch (RFC 7386): null takes a member away.
func mergePatch(to, patch any) any {
	members, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	merged, ok := to.(map[string]any)
	if !ok {
		merged = map[string]any{}
	}
	for name, value := range members {
		if value == nil {
			delete(merged, name)
		} else {
			merged[name] = mergePatch(merged[name], value)
		}
	}
	return merged
}
