// The texts of the page in English and French, and the formats of numbers and times.

const ENGLISH = {
  live: "Live",
  playing: "Playing",
  connecting: "Connecting…",
  waiting: "Waiting for the video…",
  absent: "There is no session here yet. This page keeps checking.",
  lobby: "Starts soon",
  start: "Start",
  plan: "Plan",
  items: "Exercises",
  upNext: "Next",
  repeat: "Repeat exercise",
  extend: (secs) => `Add ${secs} s`,
  replace: "Replace next",
  replacement: "Exercise in place of the next one",
  done: "Done",
  paused: "Paused by the coach",
  ended: "Ended",
  finished: "Session finished",
  failed: "Stopped by a problem",
  reconnecting: "Reconnecting…",
  next: (name) => `Next: ${name}`,
  last: "Last item",
  between: "Get ready",
  position: (at, of) => `${at} of ${of}`,
  item: (name, secs) => `${name}, ${secs} seconds`,
  progress: "Session progress",
  seek: "Seek in the session",
  stage: "Live video",
  session: "Session",
  sound: "Tap for sound",
  soundGroup: "Sound",
  mute: "Mute",
  unmute: "Turn the sound on",
  volume: "Volume",
  captions: "Captions",
  tapToPlay: "Tap to play",
  wallSoon: "Starts soon",
  wallSound: "Press a key or tap for sound",
  fullscreen: "Full screen",
  leaveFullscreen: "Leave full screen",
  unsupported: "This browser cannot play the stream.",
  controls: "Coach's controls",
  notInControl: "Only the coach's link controls this session.",
  back: "Back",
  pause: "Pause",
  resume: "Resume",
  skip: "Skip",
  slower: "Slower",
  faster: "Faster",
  speed: "Speed",
  message: "Message to all viewers",
  messageHint: "Breathe, keep your back straight…",
  seconds: "Seconds",
  send: "Send",
  sent: "Message sent",
  share: "Share",
  shareCode: "QR code of the athletes’ link",
  shareJoin: "For athletes",
  shareCoach: "For the coach (keep private)",
  sharePlayers: "For other players (HLS)",
  copy: "Copy",
  copied: "Copied",
  keys: "Keyboard",
  close: "Close",
  unreachable: "The server did not respond. Try again.",
  rejected: (status) => `The server rejected this (${status}).`,
  keySpace: "Space",
  keyPause: "Start, pause or resume",
  keySeek: "Seek, on the progress bar",
  keySound: "Mute, or sound on",
  keyCaptions: "Captions on or off",
  keyHelp: "Show these keys",
};

const FRENCH = {
  live: "Direct",
  playing: "En cours",
  connecting: "Connexion…",
  waiting: "En attente de la vidéo…",
  absent: "Pas encore de séance ici. Cette page continue de vérifier.",
  lobby: "Bientôt",
  start: "Commencer",
  plan: "Programme",
  items: "Exercices",
  upNext: "Ensuite",
  repeat: "Répéter l’exercice",
  extend: (secs) => `Ajouter ${secs} s`,
  replace: "Remplacer le suivant",
  replacement: "Exercice à la place du suivant",
  done: "C’est fait",
  paused: "En pause par le coach",
  ended: "Terminé",
  finished: "Séance terminée",
  failed: "Arrêtée par un problème",
  reconnecting: "Reconnexion…",
  next: (name) => `Ensuite : ${name}`,
  last: "Dernier élément",
  between: "Préparez-vous",
  position: (at, of) => `${at} sur ${of}`,
  item: (name, secs) => `${name}, ${secs} secondes`,
  progress: "Progression de la séance",
  seek: "Se déplacer dans la séance",
  stage: "Vidéo en direct",
  session: "Séance",
  sound: "Toucher pour le son",
  soundGroup: "Son",
  mute: "Couper le son",
  unmute: "Activer le son",
  volume: "Volume",
  captions: "Sous-titres",
  tapToPlay: "Toucher pour lancer",
  wallSoon: "Bientôt",
  wallSound: "Touche ou clic pour le son",
  fullscreen: "Plein écran",
  leaveFullscreen: "Quitter le plein écran",
  unsupported: "Ce navigateur ne peut pas lire le flux.",
  controls: "Commandes du coach",
  notInControl: "Seul le lien du coach commande cette séance.",
  back: "Retour",
  pause: "Pause",
  resume: "Reprendre",
  skip: "Passer",
  slower: "Plus lent",
  faster: "Plus vite",
  speed: "Vitesse",
  message: "Message à tous",
  messageHint: "Respirez, gardez le dos droit…",
  seconds: "Secondes",
  send: "Envoyer",
  sent: "Message envoyé",
  share: "Partager",
  shareCode: "Code QR du lien des participants",
  shareJoin: "Pour les participants",
  shareCoach: "Pour le coach (à garder pour soi)",
  sharePlayers: "Pour d’autres lecteurs (HLS)",
  copy: "Copier",
  copied: "Copié",
  keys: "Clavier",
  close: "Fermer",
  unreachable: "Le serveur n’a pas répondu. Réessayez.",
  rejected: (status) => `Le serveur a refusé la commande (${status}).`,
  keySpace: "Espace",
  keyPause: "Démarrer, pause ou reprise",
  keySeek: "Se déplacer, sur la barre de progression",
  keySound: "Couper ou activer le son",
  keyCaptions: "Afficher ou masquer les sous-titres",
  keyHelp: "Montrer ces touches",
};

/** The language of the page: "fr" or "en". */
export const language = /^fr\b/i.test(navigator.language ?? "") ? "fr" : "en";

/** The texts in that language. */
export const words = language === "fr" ? FRENCH : ENGLISH;

const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const hundredths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 2 });

const share = new Intl.NumberFormat(language, { style: "percent" });

/** A share of one in percent, such as "80%". */
export const percent = (value) => share.format(value);

/** Seconds with one decimal and their unit, such as "1.6 s". */
export const seconds = (secs) => `${tenths.format(secs)}\u00a0s`;

/** A speed, such as "1.0×". */
export const times = (factor) => `${hundredths.format(factor)}×`;

/** Formats whole seconds as "0:05", "12:40" or "1:02:03". */
export function clock(secs) {
  const whole = Math.max(0, Math.trunc(secs));
  const two = (value) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
