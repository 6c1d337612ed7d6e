-- One event of the schema ecs becomes a line in the Common Event Format, with the event id for the syslog header.

-- From the severities of the schema, 1 to 6, to those of CEF, 0 to 10.
local severities = {1, 3, 6, 8, 10, 10}

local function header(value)
    return (tostring(value):gsub("[\\|]", "\\%0"):gsub("[\r\n]+", " "))
end

local function extension(value)
    return (tostring(value):gsub("[\\=]", "\\%0"):gsub("\r?\n", "\\n"))
end

-- The value at the end of a path such as {"user", "target", "id"}, nil when there is none.
local function at(record, path)
    for _, key in ipairs(path) do
        if type(record) ~= "table" then
            return nil
        end
        record = record[key]
    end
    return record
end

local fields = {
    {"externalId", {"event", "id"}},
    {"act", {"event", "code"}},
    {"cat", {"audit", "type", "category"}},
    {"outcome", {"event", "outcome"}},
    {"suid", {"user", "id"}},
    {"suser", {"user", "full_name"}},
    {"duid", {"user", "target", "id"}},
    {"duser", {"user", "target", "full_name"}},
    {"src", {"source", "ip"}},
    {"request", {"url", "full"}},
    {"dvchost", {"related", "hosts", 1}},
    {"fname", {"audit", "affected_objects", 1, "name"}},
    {"fileType", {"audit", "affected_objects", 1, "type"}},
    {"cs1", {"group", "name"}, "Group"},
    {"cs2", {"audit", "atlassian", "site"}, "Site"},
}

function cef(tag, timestamp, record)
    local event = record.event or {}
    record.audit = (record.confluence or record.jira or record.atlassian_cloud or {}).audit
    local line = {table.concat({
        "CEF:0", "Atlassian", header(at(record, {"observer", "product"}) or "unknown"),
        header(at(record, {"audit", "atlassian", "deployment"}) or ""),
        header(event.code or event.action or "unknown"), header(event.action or "Unknown"),
        tostring(severities[event.severity] or 1), ""
    }, "|")}
    line[1] = line[1] .. string.format("rt=%.0f", timestamp.sec * 1000 + math.floor(timestamp.nsec / 1000000))
    for _, field in ipairs(fields) do
        local value = at(record, field[2])
        if value ~= nil and type(value) ~= "table" then
            line[#line + 1] = field[1] .. "=" .. extension(value)
            if field[3] then
                line[#line + 1] = field[1] .. "Label=" .. field[3]
            end
        end
    end
    return 2, timestamp, {event_id = event.id, cef = table.concat(line, " ")}
end
