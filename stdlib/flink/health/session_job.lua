-- The health of a FlinkSessionJob: healthy only while the job runs as Git asks for, or has finished.

local function health(status, message)
  return { status = status, message = message }
end

local status = obj.status
if status == nil then
  return health("Progressing", "The operator has not looked at it yet.")
end

-- The operator keeps the last error until a reconciliation succeeds.
if status.error ~= nil and status.error ~= "" then
  return health("Degraded", status.error)
end
if status.observedGeneration ~= nil and obj.metadata.generation ~= nil
  and status.observedGeneration < obj.metadata.generation then
  return health("Progressing", "The operator has not seen the last change yet.")
end

local lifecycle = status.lifecycleState
if lifecycle == "FAILED" then
  return health("Degraded", "The job has failed for good.")
elseif lifecycle == "ROLLED_BACK" then
  return health("Degraded", "The last change did not become stable; what ran before it runs again.")
elseif lifecycle == "SUSPENDED" then
  return health("Suspended", "The job is suspended.")
elseif lifecycle ~= nil and lifecycle ~= "DEPLOYED" and lifecycle ~= "STABLE" then
  return health("Progressing", "The job's submission is " .. lifecycle .. ".")
end

local job = status.jobStatus and status.jobStatus.state
if job == "RUNNING" or job == "FINISHED" then
  return health("Healthy", "The job is " .. job .. ".")
elseif job == "FAILED" or job == "FAILING" or job == "CANCELED" then
  return health("Degraded", "The job is " .. job .. ".")
end
return health("Progressing", "The job is " .. (job or "not known yet") .. ".")
