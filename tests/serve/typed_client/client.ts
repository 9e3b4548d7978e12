// Uses every call of the API through the types that are generated from its description. A call that is missing here, or is not
// in the description, does not compile.
//
//   node client.js BASE_URL SESSION_ID AUTHORIZATION

import createClient from "openapi-fetch";

import type { components, operations, paths } from "./api.js";

type Schemas = components["schemas"];
type Workout = Schemas["Workout"];

declare const process: { argv: string[] };
const [, , baseUrl, id, authorization] = process.argv as [string, string, string, string, string];
const client = createClient<paths>({ baseUrl, headers: { authorization } });
const session = { params: { path: { id } } };
const numbered = { params: { path: { id, number: 1 } } };
const saved = { params: { path: { sessionId: id } } };
const court = { params: { path: { id: 1 } } };
const recorded = { params: { path: { session_id: id } } };
const terrain = { name: "Court 1", club: "Padel", camera: { url: "rtsp://192.168.1.64/stream1" } };
const exercise = { params: { path: { id: "air_squat" } } };
const upload = { params: { path: { id: "u" } } };
const form = {};
const workout: Workout = { title: "Morning", exercises: [{ id: "air_squat", duration: 20 }] };

/** The data of a response, or its problem as an error. */
function data<T>(response: { data?: T; error?: Schemas["Problem"] }): T {
  if (response.data === undefined) {
    const faults = response.error?.faults?.map(({ place, message }) => `${place}: ${message}`) ?? [];
    throw new Error([response.error?.detail ?? "no problem", ...faults].join("; "));
  }
  return response.data;
}

const text = { parseAs: "text" } as const;
const blob = { parseAs: "blob" } as const;

// One entry for each operation of the description.
const calls: { [Name in keyof operations]: () => Promise<unknown> } = {
  getHealth: async () => data(await client.GET("/healthz")).status satisfies "ok" | "degraded",
  getReadiness: async () => data(await client.GET("/readyz")).status satisfies "ready",
  getMetrics: () => client.GET("/metrics", text),
  listExercises: async () =>
    data(await client.GET("/api/exercises", { params: { query: { difficulty: "beginner" } } })).map(
      ({ id, name, categories }) => `${id} ${name} ${categories.join()}`,
    ),
  getExercise: async () => data(await client.GET("/api/exercises/{id}", exercise)).default_speed satisfies number,
  addExercise: async () =>
    data(await client.POST("/api/exercises", { body: { name: "Pull-up", upload_id: "u" } as never })).own satisfies boolean,
  replaceExercise: () =>
    client.PUT("/api/exercises/{id}", {
      params: { path: { id: "a" }, header: { "If-Match": "\"1\"" } },
      body: { name: "Pull-up" } as never,
    }),
  deleteExercise: () =>
    client.DELETE("/api/exercises/{id}", { params: { path: { id: "a" }, header: { "If-Match": "\"1\"" } } }),
  beginUpload: async () =>
    data(await client.POST("/api/uploads", { body: form as never })).upload_id satisfies string,
  getUpload: async () => data(await client.GET("/api/uploads/{id}", upload)).state satisfies string,
  getUploadOffset: () => client.HEAD("/api/uploads/{id}", upload),
  continueUpload: () =>
    client.PATCH("/api/uploads/{id}", {
      params: { ...upload.params, header: { "Tus-Resumable": "1.0.0", "Upload-Offset": 0 } },
      body: form as never,
    }),
  deleteUpload: () => client.DELETE("/api/uploads/{id}", upload),
  getUploadPoster: () => client.GET("/api/uploads/{id}/poster.png", { ...upload, ...blob }),
  getUploadAlpha: () => client.GET("/api/uploads/{id}/alpha.png", { ...upload, ...blob }),
  getExercisePoster: () => client.GET("/api/exercises/{id}/poster.jpg", { ...exercise, ...blob }),
  getExerciseClip: () => client.GET("/api/exercises/{id}/clip.mp4", { ...exercise, ...blob }),
  renderFrame: () =>
    client.POST("/api/frame", { body: { document: workout, at: 12.5, width: 640, format: "jpeg" }, ...blob }),
  generateVideo: () => client.POST("/api/generate-workout-video", { body: workout, ...blob }),
  generateCaptions: () => client.POST("/api/generate-workout-captions", { body: workout, ...text }),
  startSession: async () => {
    const started = data(await client.POST("/api/live", { body: workout }));
    return [started.id, started.control_token, started.control_url, started.join_url, started.join_code].join();
  },
  listSessions: async () => data(await client.GET("/api/live")).map(({ id, title, viewers }) => [id, title, viewers]),
  getSession: async () => summary(data(await client.GET("/api/live/{id}", session))),
  endSession: () => client.DELETE("/api/live/{id}", session),
  sendCommand: async () =>
    summary(data(await client.POST("/api/live/{id}/commands", { ...session, body: { command: "pause" } }))),
  setControlCookie: () => client.POST("/api/live/{id}/control", session),
  getSessionLinks: async () => data(await client.GET("/api/live/{id}/control", session)).control_url,
  openPreview: () => client.PUT("/api/live/{id}/preview", session),
  closePreview: () => client.DELETE("/api/live/{id}/preview", session),
  startPush: async () =>
    data(await client.POST("/api/live/{id}/pushes", { ...session, body: { url: "srt://studio.example:9000" } })).state,
  listPushes: async () =>
    data(await client.GET("/api/live/{id}/pushes", session)).map(({ state, bytes, dropped_gops }) => [state, bytes, dropped_gops]),
  getPush: async () => data(await client.GET("/api/live/{id}/pushes/{number}", numbered)).id satisfies number,
  endPush: () => client.DELETE("/api/live/{id}/pushes/{number}", numbered),
  startRecording: async () => data(await client.POST("/api/live/{id}/recordings", session)).id satisfies number,
  listRecordings: async () => data(await client.GET("/api/live/{id}/recordings", session)).map(({ bytes }) => bytes),
  getRecording: async () => data(await client.GET("/api/live/{id}/recordings/{number}", numbered)).bytes satisfies number,
  endRecording: () => client.DELETE("/api/live/{id}/recordings/{number}", numbered),
  getRecordingFile: () => client.GET("/api/live/{id}/recordings/{number}/file", { ...numbered, ...blob }),
  followSession: () => client.GET("/api/live/{id}/events", { ...session, parseAs: "stream" }),
  getSessionPoster: () => client.GET("/api/live/{id}/poster.jpg", { ...session, ...blob }),
  getMasterPlaylist: () => client.GET("/live/{id}/master.m3u8", { ...session, ...text }),
  getStream: () => client.GET("/live/{id}/stream.mp4", { ...session, parseAs: "stream" }),
  getStreamFile: () =>
    client.GET("/live/{id}/{rendition}/{file}", {
      params: { path: { id, rendition: "720p", file: "media.m3u8" }, query: { _HLS_msn: 4, _HLS_part: 0 } },
      ...text,
    }),
  getSessionQrSvg: () => client.GET("/live/{id}/qr.svg", { ...session, ...text }),
  getSessionQrPng: () => client.GET("/live/{id}/qr.png", { ...session, ...blob }),
  register: async () =>
    data(await client.POST("/api/auth/register", { body: { email: "a@b.example", password: "x", name: "A", language: "fr" } })).user.id,
  login: async () =>
    data(await client.POST("/api/auth/login", { body: { email: "a@b.example", password: "x" } })).expires_in satisfies number,
  refresh: async () => data(await client.POST("/api/auth/refresh", { body: { refresh_token: "x" } })).access_token,
  logout: () => client.POST("/api/auth/logout", { body: {} }),
  getMe: async () => data(await client.GET("/api/me")).role satisfies Schemas["Role"],
  changePassword: () => client.PUT("/api/me/password", { body: { present: "x", password: "y" } }),
  listDevices: async () => data(await client.GET("/api/me/sessions")).map(({ device, is_current }) => [device, is_current]),
  signOutDevice: () => client.DELETE("/api/me/sessions/{id}", session),
  listUsers: async () => data(await client.GET("/api/users", { params: { query: { page: 0 } } })).users.map(({ email }) => email),
  changeUser: async () => data(await client.PATCH("/api/users/{id}", { ...session, body: { role: "COACH" } })).isDisabled,
  listClubs: async () => data(await client.GET("/api/clubs")).map(({ name }) => name),
  createClub: async () => data(await client.POST("/api/clubs", { body: { name: "Padel" } })).id,
  renameClub: async () => data(await client.PATCH("/api/clubs/{id}", { ...session, body: { name: "Padel" } })).name,
  deleteClub: () => client.DELETE("/api/clubs/{id}", session),
  listMembers: async () => data(await client.GET("/api/clubs/{id}/members", session)).map(({ role }) => role),
  createMember: async () =>
    data(
      await client.POST("/api/clubs/{id}/members", {
        ...session,
        body: { email: "a@b.example", password: "x", name: "A", role: "PLAYER" },
      }),
    ).id,
  addMember: () => client.PUT("/api/clubs/{id}/members/{userId}", { params: { path: { id, userId: id } } }),
  removeMember: () => client.DELETE("/api/clubs/{id}/members/{userId}", { params: { path: { id, userId: id } } }),
  listAudit: async () => data(await client.GET("/api/audit")).entries.map(({ action }) => action),
  saveWorkout: async () => data(await client.POST("/api/workouts", { body: workout })).sessionId satisfies string,
  listWorkouts: async () =>
    data(await client.GET("/api/workouts", { params: { query: { q: "Morning" } } })).workouts.map(({ etag }) => etag),
  getWorkout: async () =>
    data(await client.GET("/api/workouts/{sessionId}", saved)).document.exercises.map(({ id }) => id),
  replaceWorkout: async () =>
    data(
      await client.PUT("/api/workouts/{sessionId}", {
        params: { ...saved.params, header: { "If-Match": '"1"' } },
        body: workout,
      }),
    ).total_duration satisfies number,
  deleteWorkout: () => client.DELETE("/api/workouts/{sessionId}", saved),
  listTerrains: async () => data(await client.GET("/api/terrains")).map(({ cameras }) => cameras.map(({ url }) => url)),
  createTerrain: async () => data(await client.POST("/api/terrains", { body: terrain })).id satisfies number,
  getTerrain: async () => data(await client.GET("/api/terrains/{id}", court)).club,
  changeTerrain: async () => data(await client.PUT("/api/terrains/{id}", { ...court, body: terrain })).name,
  deleteTerrain: () => client.DELETE("/api/terrains/{id}", court),
  createCameraSession: async () => data(await client.POST("/api/video/session/create", { body: { terrain_id: 1 } })).session_id,
  listCameraSessions: async () => data(await client.GET("/api/video/session/list")).map(({ status }) => status),
  getCameraSession: async () => data(await client.GET("/api/video/session/{id}", session)).preview_url,
  closeCameraSession: async () => data(await client.POST("/api/video/session/{id}/close", session)).error,
  startCameraRecording: async () =>
    data(await client.POST("/api/video/record/start", { body: { session_id: id, duration_minutes: 90 } })).remaining_seconds,
  stopCameraRecording: async () => data(await client.POST("/api/video/record/stop", { body: { session_id: id } })).lost_seconds,
  getCameraRecording: async () =>
    data(await client.GET("/api/video/record/status/{session_id}", recorded)).gaps.map(({ from, to }) => to - from),
  addCameraMarker: async () =>
    data(await client.POST("/api/video/record/{session_id}/markers", { ...recorded, body: { at: 12.5, label: "Smash" } })).at,
  listCameraMarkers: async () => data(await client.GET("/api/video/record/{session_id}/markers", recorded)).map(({ label }) => label),
  listCameraFiles: async () =>
    data(await client.GET("/api/video/files/list", { params: { query: { club_id: id } } })).map(({ size }) => size),
  getCameraFile: () => client.GET("/api/video/files/{session_id}/download", { ...recorded, parseAs: "stream" }),
  deleteCameraFile: () => client.DELETE("/api/video/files/{session_id}/delete", recorded),
  cutCameraClip: async () =>
    data(await client.POST("/api/video/record/{session_id}/clips", { ...recorded, body: { from: 12.5, to: 20 } })).download_url,
  probeCamera: async () =>
    data(await client.GET("/api/cameras/probe", { params: { query: { url: "rtsp://192.168.1.64/stream1" } } })).advice,
  getCameraHealth: async () => data(await client.GET("/api/video/health")).status,
  getPreviewStream: () => client.GET("/api/preview/{session_id}/stream.mjpeg", { ...recorded, parseAs: "stream" }),
  getPreviewSnapshot: () => client.GET("/api/preview/{session_id}/snapshot.jpg", { ...recorded, ...blob }),
  getPreviewInfo: async () => data(await client.GET("/api/preview/{session_id}/info", recorded)).age_ms satisfies number | null | undefined,
  watchPreview: () => client.GET("/api/preview/{session_id}/ws", recorded),
  generateTraining: async () =>
    data(await client.POST("/api/generate-training", { body: { user_input: "20 minutes, legs" } })).explanation,
};

/** What a person would want to know of a session. */
function summary(session: Schemas["Session"]): string {
  const { state, position_secs, duration_secs, current, message, stages, preview, items } = session;
  const exercises: (string | null)[] = items.filter(({ kind }) => kind === "exercise").map(({ id }) => id);
  const median: number | undefined = stages["decode"]?.p50;
  const name: string = current?.name ?? message ?? "";
  const window: boolean | null = preview;
  const words: Record<Schemas["SessionState"]["state"], string> = {
    waiting: "waiting",
    playing: "playing",
    paused: "paused",
    ended: "ended",
    failed: "failed",
  };
  return `${words[state]} ${position_secs} of ${duration_secs} ${name} ${median} ${window} ${exercises.length}`;
}

async function main(): Promise<void> {
  const [health, exercises, state] = [await calls.getHealth(), await calls.listExercises(), await calls.sendCommand()];
  await calls.getSession();
  await calls.getSessionLinks();
  const count = (exercises as string[]).length;
  console.log(JSON.stringify({ health, exercises: count, state: String(state).split(" ")[0] }));
}

await main();
