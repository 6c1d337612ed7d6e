#!/bin/sh
# Writes an include for each tenant of a list, for fluent-bit.yaml beside it:
#
#   generate.sh tenants.txt /etc/fluent-bit
#
# writes all /etc/fluent-bit/tenants/NAME.yaml anew. If the list has a mistake, the old ones stay.
# Fluent Bit takes 999 includes.
set -euf
list=$1 folder=$2

new=$folder/tenants.new
rm -rf "$new"
mkdir "$new"
trap 'rm -rf "$new"' EXIT
refuse() {
	echo "$list: tenant $name: $1" >&2
	exit 1
}

while read -r name address account products; do
	case $name in
	'' | '#'*) continue ;;
	*[!a-z0-9-]*) refuse "want a name of a-z, 0-9 and -" ;;
	esac
	case $address in http://?* | https://?*) ;; *) refuse "want an address such as https://acme.atlassian.net" ;; esac
	case $account in ?*@?*) ;; *) refuse "want the e-mail of the account" ;; esac
	[ ! -e "$new/$name.yaml" ] || refuse "it is listed twice"
	{
		echo "pipeline:"
		echo "  inputs:"
		for product in ${products:-confluence}; do
			case $product in confluence | jira) ;; *) refuse "want the products confluence, jira or both, not $product" ;; esac
			cat <<INPUT
    - name: confluence
      alias: $name-$product
      tag: atlassian.$product.$name
      product: $product
      api_url: $address
      user_identifier: $account
      api_token_file: \${ATLASSIAN_TOKENS}/$name-$product
      db: \${STATE_DATABASE}
      db_password_file: \${STATE_DATABASE_PASSWORD_FILE}
      storage.type: filesystem
      threaded: off
INPUT
		done
	} >"$new/$name.yaml"
done <"$list"

rm -rf "$folder/tenants"
mv "$new" "$folder/tenants"
