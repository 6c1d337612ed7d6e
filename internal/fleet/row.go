package fleet

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A row has the columns of a result as the server writes them. NULL is nil.
type row [][]byte

// scan reads the columns into variables of the types that decode knows.
func (r row) scan(into ...any) error {
	if len(r) != len(into) {
		return fmt.Errorf("the database has sent %d columns, not %d", len(r), len(into))
	}
	for i, column := range r {
		if err := decode(column, into[i]); err != nil {
			return fmt.Errorf("read column %d of what the database has sent: %w", i+1, err)
		}
	}
	return nil
}

// decode reads a column. Only a variable that is a pointer can be NULL.
func decode(column []byte, into any) (err error) {
	text := string(column)
	switch into := into.(type) {
	case **string:
		*into = nil
		if column != nil {
			*into = &text
		}
		return nil
	case **int64:
		*into = nil
		if column != nil {
			*into = new(int64)
			err = decode(column, *into)
		}
		return err
	}
	if column == nil {
		return errors.New("it is NULL")
	}
	switch into := into.(type) {
	case *string:
		*into = text
	case *int:
		*into, err = strconv.Atoi(text)
	case *int64:
		*into, err = strconv.ParseInt(text, 10, 64)
	case *bool:
		*into, err = strconv.ParseBool(text)
	case *[]int64:
		*into, err = numbers(text)
	default:
		err = fmt.Errorf("into %T", into)
	}
	return err
}

// numbers reads an array of one dimension.
func numbers(text string) (all []int64, err error) {
	inner, begins := strings.CutPrefix(text, "{")
	inner, ends := strings.CutSuffix(inner, "}")
	if !begins || !ends {
		return nil, fmt.Errorf("%q is no array of numbers", text)
	}
	if inner == "" {
		return nil, nil
	}
	for element := range strings.SplitSeq(inner, ",") {
		n, err := strconv.ParseInt(element, 10, 64)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}
