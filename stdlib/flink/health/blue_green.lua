-- The health of a FlinkBlueGreenDeployment: healthy while one colour is active and its job runs.

local function health(status, message)
  return { status = status, message = message }
end

local status = obj.status
if status == nil or status.blueGreenState == nil then
  return health("Progressing", "The operator has not looked at it yet.")
end

-- The operator keeps the last error until a transition succeeds.
if status.error ~= nil and status.error ~= "" then
  return health("Degraded", status.error)
end

local job = status.jobStatus and status.jobStatus.state
if job == "FAILED" or job == "FAILING" or job == "CANCELED" then
  return health("Degraded", "The job is " .. job .. ".")
elseif job == "SUSPENDED" then
  return health("Suspended", "The job is suspended.")
end

local state = status.blueGreenState
if state ~= "ACTIVE_BLUE" and state ~= "ACTIVE_GREEN" then
  return health("Progressing", "The deployment is " .. state .. ".")
elseif job == "RUNNING" or job == "FINISHED" then
  return health("Healthy", "The job is " .. job .. ", " .. state .. ".")
end
return health("Progressing", "The job is " .. (job or "not known yet") .. ".")
