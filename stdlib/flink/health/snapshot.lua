-- The health of a FlinkStateSnapshot: healthy once the snapshot is there.

local function health(status, message)
  return { status = status, message = message }
end

local status = obj.status
local state = status and status.state
if state == "COMPLETED" then
  return health("Healthy", "The snapshot is at " .. (status.path or "its path") .. ".")
elseif state == "FAILED" then
  return health("Degraded", status.error or "The snapshot has failed.")
elseif state == "ABANDONED" then
  return health("Degraded", status.error or "The snapshot was given up: its job is gone.")
end
return health("Progressing", "The snapshot is " .. (state or "not triggered yet") .. ".")
