// Makes the replica set and the user of the departments; run as often as one likes.
const read = name => require("fs").readFileSync(`/run/secrets/${name}`, "utf8").trim();
const admin = new Mongo(`mongodb://root:${read("mongo_root_password")}@mongo:27017/?directConnection=true&authSource=admin`).getDB("admin");

try {
  admin.runCommand({ replSetGetStatus: 1 });
} catch (error) {
  if (error.codeName !== "NotYetInitialized") throw error;
  admin.runCommand({ replSetInitiate: { _id: "rs0", members: [{ _id: 0, host: "mongo:27017" }] } });
}
while (!admin.runCommand({ hello: 1 }).isWritablePrimary) sleep(200);

if (!admin.getUser("servicelane")) {
  admin.createUser({ user: "servicelane", pwd: read("mongo_password"), roles: ["readWriteAnyDatabase", "clusterMonitor"] });
}
