/** Running totals of a simulated SMSC since its start; read by tests, changed by nobody but the role. */

export class Tally {
  submitsAccepted = 0;
  submitsRefused = 0;
  handsetReceived = 0;
  handsetRepeated = 0;
  handsetFailed = 0;
  messagesExpired = 0;
  messagesCancelled = 0;
  messagesReplaced = 0;
  attemptsPutOff = 0;
  enquiries = 0;
  cancels = 0;
  requestsRefused = 0;
  requestsMended = 0;
  deliversOffered = 0;
  deliversAnswered = 0;
  deliversRefused = 0;
  deliversRepeated = 0;
  reportsSent = 0;
  reportsAnswered = 0;
  logins = 0;
  loginsRefused = 0;
  cuts = 0;
}
