# Servers for the tests of the recipes: VictoriaLogs, an S3 gateway, a Kafka broker. Part of the
# Makefile. The first build takes minutes. rsyslog and PostgreSQL come from Debian: apt-get install
# rsyslog rsyslog-gnutls rsyslog-pgsql postgresql

.PHONY: recipe-tools recipes
# The servers that the tests of the recipes deliver to, where they can be built.
recipe-tools:
	cd test/recipes/tools && nice -n 10 $(GO) build -o bin/ ./kafka-broker \
	  github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-logs github.com/versity/versitygw/cmd/versitygw

# Each file of examples/ in the real Fluent Bit. Tests whose server is not there say so with -v.
recipes:
	FLUENT_BIT=$(FLUENT_BIT) $(GO) test -timeout 10m ./test/recipes/...
