-- What examples/s3 delivers, as a table of Amazon Athena. Made from the events of the schema ocsf:
-- go test ./internal/schema -update
-- Put your bucket, region and account in the place of BUCKET, REGION and ACCOUNT. For Jira write jira
-- in the place of confluence.
CREATE EXTERNAL TABLE atlassian_confluence (
  `activity_id` bigint,
  `activity_name` string,
  `actor` string,
  `category_name` string,
  `category_uid` bigint,
  `class_name` string,
  `class_uid` bigint,
  `entity` string,
  `group` string,
  `message` string,
  `metadata` string,
  `observables` string,
  `privileges` string,
  `raw_data` string,
  `resource` string,
  `resources` string,
  `service` string,
  `severity` string,
  `severity_id` bigint,
  `src_endpoint` string,
  `status` string,
  `status_id` bigint,
  `time` bigint,
  `type_name` string,
  `type_uid` bigint,
  `unmapped` string,
  `user` string,
  `web_resources` string
)
PARTITIONED BY (region string, accountid string, eventday string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://BUCKET/ext/confluence/1.0/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.region.type' = 'enum', 'projection.region.values' = 'REGION',
  'projection.accountid.type' = 'enum', 'projection.accountid.values' = 'ACCOUNT',
  'projection.eventday.type' = 'date', 'projection.eventday.format' = 'yyyyMMdd', 'projection.eventday.range' = '20240101,NOW',
  'storage.location.template' = 's3://BUCKET/ext/confluence/1.0/region=${region}/accountId=${accountid}/eventDay=${eventday}/'
);
