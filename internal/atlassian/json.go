package atlassian

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

// Lenient accepts repeated names and invalid UTF-8: neither is a reason to lose a record.
var Lenient = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// Unquote returns the text of a JSON string, or a number as it is written.
func Unquote(value jsontext.Value) string {
	switch value.Kind() {
	case '"':
		text, _ := jsontext.AppendUnquote(nil, value)
		return string(text)
	case '0':
		return string(value)
	}
	return ""
}

// EachMember calls f for every member of a JSON object. The value is valid during the call only.
func EachMember(object jsontext.Value, f func(name string, value jsontext.Value)) error {
	dec := jsontext.NewDecoder(bytes.NewBuffer(object), Lenient...)
	if dec.PeekKind() != '{' {
		return errors.New("not a JSON object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '"' {
		token, err := dec.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		f(name, value)
	}
	_, err := dec.ReadToken()
	return err
}

// EachElement calls f for every element of a JSON array. The value is valid during the call only.
func EachElement(array jsontext.Value, f func(value jsontext.Value)) error {
	dec := jsontext.NewDecoder(bytes.NewBuffer(array), Lenient...)
	if dec.PeekKind() != '[' {
		return errors.New("not a JSON array")
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		f(value)
	}
	return nil
}

// ParseDigits reads a number that has only decimal digits.
func ParseDigits(text string) (int64, bool) {
	if text == "" || len(text) > 18 {
		return 0, false
	}
	var n int64
	for i := range len(text) {
		digit := text[i] - '0'
		if digit > 9 {
			return 0, false
		}
		n = n*10 + int64(digit)
	}
	return n, true
}
