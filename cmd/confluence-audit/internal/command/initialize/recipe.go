package initialize

import (
	"regexp"
	"slices"
	"strings"

	"fluent-bit-confluence/internal/config"
)

// inputLine begins an input in a recipe.
const inputLine = "    - name: confluence"

func productIn(keys []keyLine) string {
	value := ""
	if i := slices.IndexFunc(keys, func(k keyLine) bool { return k.name == "product" }); i >= 0 {
		value = keys[i].value
	}
	return config.Product(value).Key
}

// An item is one entry of a list in a recipe, with the comments right before it.
var item = regexp.MustCompile(`(?m)(?:^    #.*\n)*^    - .*\n(?:^      .*\n)*`)

// onlyInput leaves the input of one product in a recipe, and the filters of its tag. A recipe that
// has no input of the product has that of Confluence made into one. The tag and the state file have
// the product's name.
func onlyInput(recipe, product string) string {
	has := func(product string) bool {
		return slices.ContainsFunc(item.FindAllString(recipe, -1), func(text string) bool { return productOf(text) == product })
	}
	keep := product
	if !has(keep) {
		keep = config.DefaultProduct
	}
	if has(keep) {
		recipe = item.ReplaceAllStringFunc(recipe, func(text string) string {
			if of := productOf(text); of != "" && of != keep {
				return ""
			}
			return text
		})
		recipe = strings.ReplaceAll(recipe, "\n\n\n", "\n\n")
		recipe = blankHead.ReplaceAllString(recipe, "$1")
	}
	if keep != product {
		recipe = strings.ReplaceAll(recipe, "atlassian."+keep, "atlassian."+product)
		recipe = strings.ReplaceAll(recipe, "      alias: "+keep+"\n", "      alias: "+product+"\n")
	}
	if product == "organization" { // needs no address
		recipe = strings.ReplaceAll(recipe, "      api_url: ${CONFLUENCE_API_URL}\n", "")
	}
	recipe = tag.ReplaceAllLiteralString(recipe, "atlassian."+product)
	recipe = strings.ReplaceAll(recipe, "match: confluence.*", "match: atlassian.*")
	return stateFile.ReplaceAllString(recipe, "${1}/"+product+".db")
}

// productOf returns the product that an item is for, "" if it is for any.
func productOf(item string) string {
	if m := matchLine.FindStringSubmatch(item); m != nil {
		return m[1]
	}
	if !strings.Contains(item, inputLine+"\n") {
		return ""
	}
	value := ""
	if m := productLine.FindStringSubmatch(item); m != nil {
		value = m[1]
	}
	return config.Product(value).Key
}

var (
	productLine = regexp.MustCompile(`(?m)^      product: *(\S+)`)
	matchLine   = regexp.MustCompile(`(?m)^      match: *atlassian\.([a-z]+)$`)
	blankHead   = regexp.MustCompile(`(?m)^(  [a-z]+:\n)\n`)
	tag         = regexp.MustCompile(`\bconfluence\.audit\b`)
	stateFile   = regexp.MustCompile(`(?m)^(      db: .*)/confluence\.db$`)
)
